"""What of a cluster of several brokers is worth a word before a worker starts on it: copies, those in sync, racks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import structlog
from aiokafka.errors import KafkaError

from liveprofile.streams.contract.topics import Topic
from liveprofile.streams.runtime.topic_ids import TopicNow, topics_now
from liveprofile.streams.runtime.topic_shape import COPIES

if TYPE_CHECKING:
    from liveprofile.streams.runtime.outbox import KafkaOutbox

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Node:
    """A broker."""

    number: int
    address: str
    rack: str
    """Empty where the broker has none."""


@dataclass(frozen=True, slots=True)
class ClusterNow:
    """The brokers, and the topics that were asked for."""

    nodes: tuple[Node, ...]
    topics: Mapping[str, TopicNow]
    denied: frozenset[str] = frozenset()
    """Topics that this client may not describe."""

    @property
    def racks(self) -> list[str]:
        """The racks of the brokers, without repeats."""
        return sorted({node.rack for node in self.nodes if node.rack})


@dataclass(frozen=True, slots=True)
class Note:
    """Something that does not stop a worker."""

    about: Literal["copies", "rack"]
    words: str
    next_step: str


async def look(client: Any, names: Collection[str]) -> ClusterNow:
    """Ask a started aiokafka client. KafkaError if it fails, NotImplementedError for Kafka before 3.1."""
    brokers, topics, denied = await topics_now(client, names)
    nodes = tuple(Node(number, f"{host}:{port}", rack or "") for number, host, port, rack, *_ in brokers)
    return ClusterNow(nodes, topics, frozenset(denied))


def notes(cluster: ClusterNow, topics: Collection[Topic], rack: str) -> Iterator[Note]:
    """What is worth a word: topics that one broker's loss would end, and a rack that no broker is in."""
    ours = [cluster.topics[topic.name] for topic in topics if topic.name in cluster.topics and not topic.is_input]
    few = [topic.name for topic in ours if topic.copies < min(COPIES, len(cluster.nodes))]
    if len(cluster.nodes) >= COPIES and few:
        yield Note(
            "copies",
            f"{len(few)} topics have fewer than {COPIES} copies on {len(cluster.nodes)} brokers, such as {few[0]}: "
            "with the loss of a broker their records are away or gone",
            "kafka-reassign-partitions.sh gives existing topics more copies; new ones: the setting replication = 3.",
        )
    if rack and rack not in cluster.racks:
        known = ", ".join(cluster.racks) or "none: no broker has broker.rack"
        yield Note(
            "rack",
            f"kafka.client_rack = {rack!r} is the rack of no broker ({known}): consumers read from leaders anywhere",
            "Set kafka.client_rack to a rack of the brokers, or leave it out.",
        )


async def warn_of_cluster(outbox: KafkaOutbox, topics: Collection[Topic], rack: str) -> None:
    """Log what is worth a word. A cluster that does not tell stops nobody here."""
    try:
        cluster = await outbox.cluster([topic.name for topic in topics])
    except (KafkaError, OSError, NotImplementedError) as error:
        log.debug("the cluster was not looked at", problem=type(error).__name__)
        return
    for note in notes(cluster, topics, rack):
        log.warning(note.words, next=note.next_step)
