"""Several Kafka nodes on this machine that form one cluster, for tests of the loss of a node."""

import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from liveprofile.streams.broker import ports, probe, storage
from liveprofile.streams.broker.broker import START_TIMEOUT_S, Broker
from liveprofile.streams.broker.config import Quorum
from liveprofile.streams.broker.errors import BrokerError
from liveprofile.streams.broker.jars import Progress, ensure_jars

NODES = 3
HEAP_MB = 320
"""Heap of a node: less than a single broker's, because a node has a third of the work."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The content of cluster.json: the cluster's id, and by node (the first is 1) its port and its controller's."""

    cluster_id: str
    ports: list[int]
    controller_ports: list[int]


class Cluster:
    """`nodes` brokers in `folder`, replication factor 3, of which 2 have to be in sync, on loopback only.

    Each of `nodes` is a `Broker` that can be killed, stopped and started again with its old ports and data. As with
    `Broker`, the processes end with this one unless `detached`; then a later `Cluster(folder)` finds them.
    """

    def __init__(
        self,
        folder: Path | str,
        nodes: int = NODES,
        *,
        detached: bool = False,
        cache_folder: Path | None = None,
        properties: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = Path(folder).expanduser().resolve()
        self._cache_folder = cache_folder
        self._layout = read(self.folder) or _new_layout(nodes)
        if len(self._layout.ports) != nodes:
            raise BrokerError(
                f"The cluster in {self.folder} has {len(self._layout.ports)} nodes, not {nodes}.",
                "Ask for as many, or give another folder.",
            )
        voters = dict(enumerate(self._layout.controller_ports, 1))
        self.nodes = tuple(
            Broker(
                self.folder / f"node-{node_id}",
                port,
                detached=detached,
                cache_folder=cache_folder,
                properties=properties,
                heap_mb=HEAP_MB,
                quorum=Quorum(node_id, self._layout.cluster_id, voters),
            )
            for node_id, port in enumerate(self._layout.ports, 1)
        )

    @property
    def bootstrap(self) -> str:
        """`host:port` of every node, separated by commas; some nodes may be down."""
        return ",".join(f"127.0.0.1:{port}" for port in self._layout.ports)

    def answers(self) -> bool:
        """Whether every node runs and answers."""
        return all(node.answers() for node in self.nodes)

    def start(self, progress: Progress | None = None) -> Self:
        """Starts the nodes that do not run, in parallel; returns when each knows all others. Raises BrokerError."""
        ensure_jars(self._cache_folder, progress)
        storage.prepare(self.folder)
        (self.folder / "cluster.json").write_text(json.dumps(asdict(self._layout)) + "\n")
        try:
            with ThreadPoolExecutor(len(self.nodes)) as threads:
                list(threads.map(lambda node: node.start(), self.nodes))
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self, grace_s: float = 15.0) -> bool:
        """Stops all nodes and waits for their end; False if none was running."""
        with ThreadPoolExecutor(len(self.nodes)) as threads:
            return any(list(threads.map(lambda node: node.stop(grace_s), self.nodes)))

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _wait(self) -> None:
        """Wait until every node sees all others."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while not all(self._sees_all(port) for port in self._layout.ports):
            if time.monotonic() > deadline:
                raise BrokerError(
                    f"The nodes at {self.bootstrap} did not find each other within {START_TIMEOUT_S:.0f} s.",
                    f"Read the logs under {self.folder}.",
                    retryable=True,
                )
            time.sleep(0.05)

    def _sees_all(self, port: int) -> bool:
        answer = probe.ask(port)
        return answer is not None and len(answer.brokers) == len(self.nodes)


def read(folder: Path) -> Layout | None:
    """The layout of an earlier cluster in `folder`, if there was one."""
    try:
        return Layout(**json.loads((folder / "cluster.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _new_layout(nodes: int) -> Layout:
    taken: list[int] = []
    for _ in range(2 * nodes):
        taken.append(ports.free_port(*taken))
    return Layout(storage.new_cluster_id(), taken[:nodes], taken[nodes:])
