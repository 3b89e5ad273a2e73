"""The broker's own files: server.properties and log4j2.properties, written from explicit values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from liveprofile.streams.broker.security.properties import CLIENTS, INTERNAL


@dataclass(frozen=True, slots=True)
class Quorum:
    """A node's part in a cluster: its id, the cluster's id, and the controller ports of all nodes by id."""

    node_id: int
    cluster_id: str
    controller_ports: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Listeners:
    """A node's listeners on loopback. `proxied` has further ports, each with the advertised port of its clients."""

    port: int
    controller_port: int
    proxied: Mapping[int, int] = field(default_factory=dict)
    secured: str = ""
    """The protocol of clients of a secured broker; empty: PLAINTEXT."""
    internal_port: int = 0
    """The port of a secured broker for itself and its superuser."""

    @property
    def properties(self) -> dict[str, str]:
        """Their server.properties; a client gets the advertised port of the listener that it connects to."""
        own = {CLIENTS: self.port, INTERNAL: self.internal_port} if self.secured else {"PLAINTEXT": self.port}
        clients = {name: (port, port) for name, port in own.items()}
        clients |= {f"PROXIED{at}": ports for at, ports in enumerate(self.proxied.items())}
        protocols = dict.fromkeys([*clients, "CONTROLLER"], "PLAINTEXT")
        if self.secured:
            protocols |= {CLIENTS: self.secured, INTERNAL: "SSL", "CONTROLLER": "SSL"}
        listening = [f"{name}://127.0.0.1:{port}" for name, (port, _) in clients.items()]
        return {
            "listeners": ",".join([*listening, f"CONTROLLER://127.0.0.1:{self.controller_port}"]),
            "advertised.listeners": ",".join(f"{name}://127.0.0.1:{shown}" for name, (_, shown) in clients.items()),
            "listener.security.protocol.map": ",".join(f"{name}:{spoken}" for name, spoken in protocols.items()),
            "inter.broker.listener.name": INTERNAL if self.secured else "PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
        }


def jvm_flags(heap_mb: int) -> list[str]:
    """JVM flags: a small heap, a collector and a compiler that start fast, and an exit after a failed allocation."""
    return [
        f"-Xms{heap_mb // 2}m",
        f"-Xmx{heap_mb}m",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-XX:+ExitOnOutOfMemoryError",
        "-Djava.awt.headless=true",
    ]


def server_properties(
    data: Path, listeners: Listeners, quorum: Quorum | None = None, more: Mapping[str, str] | None = None
) -> str:
    """One combined broker and controller, reachable from this machine only; `more` overrides or adds properties.

    The replication factor is the number of nodes, at most 3; all replicas but one must be in sync. Internal topics have
    few partitions, so that a start is fast. Index files are preallocated at 1 MiB instead of 10, because each partition
    maps two. The cleaner's buffer fits the small heap. Heartbeat and session are short: a start waits for some
    heartbeats (8 s at the default of 2 s, now under 1), and after a kill for the end of the broker's last session.
    Several nodes are a static quorum: its addresses are here and not in its log, so ports may change.
    """
    copies = str(min(3, len(quorum.controller_ports))) if quorum else "1"
    in_sync = str(max(1, int(copies) - 1))
    return _lines(
        {
            "process.roles": "broker,controller",
            "node.id": str(quorum.node_id if quorum else 1),
            **listeners.properties,
            **_voters(listeners, quorum),
            "log.dirs": str(data),
            "auto.create.topics.enable": "false",
            "num.partitions": "4",
            "default.replication.factor": copies,
            "min.insync.replicas": in_sync,
            "offsets.topic.num.partitions": "4",
            "offsets.topic.replication.factor": copies,
            "transaction.state.log.num.partitions": "4",
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": in_sync,
            "share.coordinator.state.topic.num.partitions": "1",
            "share.coordinator.state.topic.replication.factor": copies,
            "share.coordinator.state.topic.min.isr": in_sync,
            "group.initial.rebalance.delay.ms": "0",
            "log.segment.bytes": str(256 << 20),
            "log.index.size.max.bytes": str(1 << 20),
            "log.cleaner.dedupe.buffer.size": str(32 << 20),
            "num.network.threads": "2",
            "num.io.threads": "4",
            "num.recovery.threads.per.data.dir": "2",
            "background.threads": "2",
            "broker.heartbeat.interval.ms": "200",
            "broker.session.timeout.ms": "5000",
            **(more or {}),
        }
    )


def _voters(listeners: Listeners, quorum: Quorum | None) -> dict[str, str]:
    if quorum is None:
        return {"controller.quorum.bootstrap.servers": f"127.0.0.1:{listeners.controller_port}"}
    voters = (f"{node_id}@127.0.0.1:{port}" for node_id, port in quorum.controller_ports.items())
    return {"controller.quorum.voters": ",".join(voters)}


def log4j2_properties(logs: Path) -> str:
    """server.log with 10 MB per file and three files; errors also go to the console, where the start reads them."""
    return _lines(
        {
            "status": "error",
            "appender.file.type": "RollingFile",
            "appender.file.name": "file",
            "appender.file.fileName": str(logs / "server.log"),
            "appender.file.filePattern": str(logs / "server.%i.log"),
            "appender.file.layout.type": "PatternLayout",
            "appender.file.layout.pattern": "%d %p %c{1}: %m%n",
            "appender.file.policies.type": "Policies",
            "appender.file.policies.size.type": "SizeBasedTriggeringPolicy",
            "appender.file.policies.size.size": "10MB",
            "appender.file.strategy.type": "DefaultRolloverStrategy",
            "appender.file.strategy.max": "3",
            "appender.console.type": "Console",
            "appender.console.name": "console",
            "appender.console.layout.type": "PatternLayout",
            "appender.console.layout.pattern": "%p %c{1}: %m%n",
            "appender.console.filter.level.type": "ThresholdFilter",
            "appender.console.filter.level.level": "error",
            "rootLogger.level": "warn",
            "rootLogger.appenderRef.file.ref": "file",
            "rootLogger.appenderRef.console.ref": "console",
            "logger.server.name": "kafka.server",
            "logger.server.level": "info",
            "logger.runtime.name": "org.apache.kafka.common.utils.AppInfoParser",
            "logger.runtime.level": "info",
            "logger.authorizer.name": "kafka.authorizer.logger",  # says who was denied what
            "logger.authorizer.level": "info",
            "logger.configs.name": "org.apache.kafka.common.config",
            "logger.configs.level": "warn",
        }
    )


def _lines(values: dict[str, str]) -> str:
    return "".join(f"{name}={_escaped(value)}\n" for name, value in values.items())


def _escaped(value: str) -> str:
    """A backslash begins an escape in a Java properties file.

    >>> _escaped("C:\\\\data")
    'C:\\\\\\\\data'
    """
    return value.replace("\\", "\\\\")
