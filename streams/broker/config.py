"""The broker's own files: server.properties and log4j2.properties, written from explicit values."""

from pathlib import Path

HEAP_MB = 512

JVM_FLAGS = (
    "-Xms256m",
    f"-Xmx{HEAP_MB}m",
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
)


def server_properties(data: Path, port: int, controller_port: int) -> str:
    """One combined broker and controller, reachable from this machine only.

    Everything with a replication factor is set to 1; internal topics have few partitions, so that a start is fast;
    index files are preallocated at 1 MiB instead of 10, since each partition maps two; the cleaner's buffer fits the
    small heap; heartbeat and session are short because a start waits for some heartbeats (8 s at the default of 2 s,
    now under 1), and after a kill for the end of the broker's last session.
    """
    return _lines(
        {
            "process.roles": "broker,controller",
            "node.id": "1",
            "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "inter.broker.listener.name": "PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "controller.quorum.bootstrap.servers": f"127.0.0.1:{controller_port}",
            "log.dirs": str(data),
            "auto.create.topics.enable": "false",
            "num.partitions": "4",
            "default.replication.factor": "1",
            "min.insync.replicas": "1",
            "offsets.topic.num.partitions": "4",
            "offsets.topic.replication.factor": "1",
            "transaction.state.log.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "share.coordinator.state.topic.num.partitions": "1",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
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
        }
    )


def log4j2_properties(logs: Path) -> str:
    """Ten megabytes of server.log, three kept; errors also on the console, where the starter looks for them."""
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
