"""Starts, finds and stops one Apache Kafka node; its data, logs and pid file are in one folder."""

import ssl
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from liveprofile.streams.broker import class_archive, guard, ports, probe, process, storage
from liveprofile.streams.broker.config import Listeners, Quorum, jvm_flags, log4j2_properties, server_properties
from liveprofile.streams.broker.diagnosis import explain
from liveprofile.streams.broker.errors import BrokerError
from liveprofile.streams.broker.jars import Progress, ensure_jars, kafka_version
from liveprofile.streams.broker.java import find_java
from liveprofile.streams.broker.process import RunningBroker
from liveprofile.streams.broker.security import beside
from liveprofile.streams.broker.security.mechanism import Mechanism
from liveprofile.streams.broker.security.properties import java_options as security_options
from liveprofile.streams.broker.security.properties import protocol, security_properties
from liveprofile.streams.broker.security.secured import Secured, files_of

START_TIMEOUT_S = 90.0
HEAP_MB = 512
_ATTEMPTS = 3


class Broker:
    """Apache Kafka in `folder`, on 127.0.0.1:`port` (0: a free port, reused by later starts of this object).

    By default the broker ends with this process, even if the process is killed: use it as a context manager in tests
    and demos. With `detached=True` it continues to run, and any later `Broker(folder)` finds it by its pid file.
    Several brokers may run at once, each with its own folder.

    `proxied` opens further ports, each with the port that is advertised to its clients: that of a proxy.
    `properties` adds to or overrides server.properties, `java_options` adds to the JVM's command line.
    `quorum` makes this a node of a `Cluster`. `secure` encrypts all listeners and denies everything that no right
    allows: `admit` makes users, `secured` says how they connect.
    """

    def __init__(
        self,
        folder: Path | str,
        port: int = 0,
        *,
        detached: bool = False,
        cache_folder: Path | None = None,
        proxied: Mapping[int, int] | None = None,
        properties: Mapping[str, str] | None = None,
        heap_mb: int = HEAP_MB,
        java_options: Sequence[str] = (),
        quorum: Quorum | None = None,
        secure: Mechanism | None = None,
    ) -> None:
        self.folder = Path(folder).expanduser().resolve()
        self.detached = detached
        self._cache_folder = cache_folder
        self._wanted_port = port
        self._port = port
        self._controller_port = quorum.controller_ports[quorum.node_id] if quorum else 0
        self._proxied = dict(proxied or {})
        self._properties = dict(properties or {})
        self._heap_mb = heap_mb
        self._java_options = list(java_options)
        self._quorum = quorum
        if secure and quorum:
            raise ValueError("a node of a cluster cannot be secured")
        self._secure = secure
        self._internal_port = self._issuer_port = 0
        self._issuer: subprocess.Popen[bytes] | None = None
        self._is_ours = False
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """`host:port` for Kafka clients; raises BrokerError before the first start."""
        running = self.running()
        port = running.port if running else self._port
        if not port:
            raise BrokerError(f"The broker in {self.folder} has no port yet.", "Call start() first.")
        return f"127.0.0.1:{port}"

    @property
    def secured(self) -> Secured | None:
        """The users of a broker that runs secured; None for an open one, or if none runs."""
        running = self.running()
        return beside.secured(self.folder, running) if running else None

    def admit(self, users: Iterable[str]) -> Secured:
        """Let users in who are allowed nothing yet, by secrets in files; BrokerError if the broker is not secured."""
        return beside.admit(self.folder, self.running(), list(users))

    @property
    def server_log(self) -> Path:
        """Kafka's own log."""
        return self.folder / "logs" / "server.log"

    def running(self) -> RunningBroker | None:
        """The broker process of this folder, or None."""
        return process.read(self.folder)

    def answers(self) -> bool:
        """Whether our broker runs and answers a metadata request as ready."""
        running = self.running()
        return running is not None and _is_ready(running, beside.tls_context(self.folder, running))

    def start(self, progress: Progress | None = None) -> Self:
        """Returns when the broker answers; raises BrokerError with the next step if it does not.

        `progress` reports the download of the jars, if there is one. If this folder's broker runs already, it is used.
        """
        storage.prepare(self.folder)
        with process.starting(self.folder):
            if running := self.running():
                self._adopt(running)
            else:
                self._start(find_java(), ensure_jars(self._cache_folder, progress))
        return self

    def _start(self, java: Path, jars: Path) -> None:
        self._release_child()
        for attempt in range(1, _ATTEMPTS + 1):
            self._choose_ports()
            try:
                self._launch(java, jars)
                self._is_ours = True
                return
            except BrokerError as problem:
                self.stop()
                if self._wanted_port or not problem.retryable or attempt == _ATTEMPTS:
                    raise
                self._port = 0
            except BaseException:
                self.stop()
                raise

    def stop(self, grace_s: float = 15.0) -> bool:
        """Stops this folder's broker and waits for its end; False if none was running."""
        stopped = process.stop(self.folder, grace_s)
        self._release_child()
        self._is_ours = False
        return stopped

    def kill(self) -> bool:
        """Kills this folder's broker by SIGKILL, as in a crash; `start` starts it again with its port and data."""
        killed = process.kill(self.folder)
        self._release_child()
        return killed

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops the broker, unless it ran before this object started it."""
        if self._is_ours:
            self.stop()

    def _adopt(self, running: RunningBroker) -> None:
        if self._wanted_port not in (0, running.port):
            raise BrokerError(
                f"The broker in {self.folder} already runs on port {running.port}, not {self._wanted_port}.",
                "Use that one, or `liveprofile broker stop` first.",
            )
        if self._secure and running.mechanism != self._secure:
            how = f"secured by {running.mechanism}" if running.mechanism else "without security"
            raise BrokerError(
                f"The broker in {self.folder} already runs {how}, not secured by {self._secure}.",
                "Stop it first: liveprofile broker stop. Its data stays.",
            )
        self._port, self._controller_port = running.port, running.controller_port
        self._wait(running)

    def _choose_ports(self) -> None:
        for port in (self._wanted_port, self._quorum and self._controller_port, *self._proxied):
            if port:
                ports.require_free(port)
        if not self._port or not ports.is_free(self._port):
            self._port = ports.free_port()
        if not self._controller_port or not ports.is_free(self._controller_port):
            self._controller_port = ports.free_port(self._port)
        if self._secure:
            self._internal_port = ports.free_port(self._port, self._controller_port)
            taken = (self._port, self._controller_port, self._internal_port)
            self._issuer_port = ports.free_port(*taken) if self._secure is Mechanism.OAUTHBEARER else 0

    def _launch(self, java: Path, jars: Path) -> None:
        properties, log4j2 = self.folder / "server.properties", self.folder / "log4j2.properties"
        data, quorum, secure = storage.data(self.folder), self._quorum, self._secure
        listeners = Listeners(
            self._port, self._controller_port, self._proxied, protocol(secure) if secure else "", self._internal_port
        )
        options, more = list(self._java_options), dict(self._properties)
        if secure:
            files = files_of(self.folder)
            issuer = beside.make_files(files, secure, self._issuer_port)
            options += security_options(files, secure)
            more = security_properties(files, secure, issuer) | more
        properties.write_text(server_properties(data, listeners, quorum, more))
        log4j2.write_text(log4j2_properties(self.folder / "logs"))
        settings = [process.marker(self.folder), f"-Dlog4j2.configurationFile={log4j2}"]
        settings += class_archive.flags(jars, java)
        command = [str(java), *jvm_flags(self._heap_mb), *settings, "-cp", f"{jars}/*"]
        cluster_id = storage.ensure_formatted(self.folder, command, properties, quorum.cluster_id if quorum else "")
        pid = self._spawn([*command, *options, "kafka.Kafka", str(properties)])
        running = RunningBroker(
            pid,
            process.started(pid),
            self._port,
            self._controller_port,
            cluster_id,
            kafka_version(),
            quorum.node_id if quorum else 1,
            secure.value if secure else "",
            self._internal_port,
            self._issuer_port,
        )
        process.write(self.folder, running)
        self._wait(running)
        if self._issuer_port:
            self._issuer = beside.start_issuer(self.folder, self._issuer_port)
        if self.detached:
            self._child = None

    def _spawn(self, command: list[str]) -> int:
        """Starts the broker's process, under a guard unless detached, and returns its id."""
        with (self.folder / "logs" / "console.log").open("wb") as console:
            if self.detached:
                self._child = _popen(command, stdin=subprocess.DEVNULL, stdout=console, stderr=console)
                return self._child.pid
            guarded = [sys.executable, "-I", guard.__file__, *command]
            self._child = _popen(guarded, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=console)
        assert self._child.stdout is not None
        with self._child.stdout as output:
            return int(output.readline())

    def _release_child(self) -> None:
        """Waits for the end of the process that we started; ends it first if it could not be found by its pid file."""
        issuer, self._issuer = self._issuer, None
        if issuer is not None and process.read(self.folder) is None:
            issuer.wait()  # it ends by itself once there is no broker
        child, self._child = self._child, None
        if child is None:
            return
        if child.stdin:
            child.stdin.close()  # the guard ends the broker if it still runs
        elif child.poll() is None:
            child.kill()
        child.wait()

    def _wait(self, running: RunningBroker) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        tls = beside.tls_context(self.folder, running)
        while not _is_ready(running, tls):
            if process.alive(running) is None:
                raise explain(self.folder, running)
            if time.monotonic() > deadline:
                raise BrokerError(
                    f"The broker did not answer on {running.bootstrap} within {START_TIMEOUT_S:.0f} s.",
                    f"Read {self.server_log}.",
                    retryable=True,
                )
            time.sleep(0.05)


def _is_ready(running: RunningBroker, tls: ssl.SSLContext | None) -> bool:
    answer = probe.ask(running.internal_port if tls else running.port, tls=tls)
    return answer is not None and running.node_id in answer.brokers and answer.cluster_id == running.cluster_id


def _popen(command: list[str], **streams: Any) -> subprocess.Popen[bytes]:
    """Start in a new session, so that Ctrl-C does not reach the broker: it must outlive its clients' clean stop."""
    return subprocess.Popen(command, start_new_session=True, **streams)
