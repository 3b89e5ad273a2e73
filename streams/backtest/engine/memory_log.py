"""Topics in memory: records wait here, in order and with offsets, until their reader takes them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from liveprofile.streams.contract.layouts import newest_layouts
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.runtime.stage import Write
from liveprofile.streams.transport.record import Headers, Item, TopicPartition


class MemoryRecord(NamedTuple):
    """A record with the fields that stages read."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class MemoryLog:
    """The outbox of stages without Kafka. Records are durable at once, and all partitions are owned."""

    def __init__(self, topics: Topics) -> None:
        self.time_ms = 0
        """The simulated time of the broker."""
        self._layouts = newest_layouts(topics)
        self._partitions = {topic.name: topic.partitions for topic in topics.all()}
        self._compacted = {t.name for t in topics.all() if t.config.get("cleanup.policy") == "compact"}
        self._latest: defaultdict[TopicPartition, dict[bytes, bytes]] = defaultdict(dict)
        self._waiting: defaultdict[TopicPartition, list[MemoryRecord]] = defaultdict(list)
        self._ends: Counter[TopicPartition] = Counter()

    async def send(self, topic: str, partition: int, items: Sequence[Item]) -> int | None:
        """Append records; returns the broker's time."""
        place = topic, partition
        first, time_ms = self._ends[place], self.time_ms
        self._waiting[place] += [
            MemoryRecord(topic, partition, first + at, time_ms, *item) for at, item in enumerate(items)
        ]
        self._ends[place] += len(items)
        if topic in self._compacted:
            self._compact(place, items)
        return time_ms

    async def send_all(self, writes: Iterable[Write]) -> None:
        """Append the records of all writes."""
        for write in writes:
            if write.items:
                await self.send(write.topic, write.partition, write.items)

    def _compact(self, place: TopicPartition, items: Sequence[Item]) -> None:
        latest = self._latest[place]
        for key, value, _ in items:
            if key is not None and value is not None:
                latest[key] = value
            elif key is not None:
                latest.pop(key, None)

    def take(self, topic: str, partition: int) -> list[MemoryRecord]:
        """The records that were sent there since the last call."""
        return self._waiting.pop((topic, partition), [])

    def places(self) -> Iterator[TopicPartition]:
        """Partitions with waiting records, in the order of the first record of each."""
        yield from list(self._waiting)

    def latest(self, topic: str, partition: int) -> dict[bytes, bytes]:
        """The latest value of every key of a compacted topic that has one."""
        return dict(self._latest[topic, partition])

    def reached(self, topic: str, partition: int) -> int:
        """The last offset; -1 for none."""
        return self._ends[topic, partition] - 1

    def partitions(self, topic: str) -> int:
        """Number of partitions of the topic."""
        return self._partitions[topic]

    def generation(self, topic: str) -> int:
        """Always 0: topics in memory are never replaced."""
        return 0

    def topic_id(self, topic: str) -> str:
        """Topics in memory have no ids."""
        return ""

    async def identify(self, topic: str) -> str:
        """Topics in memory have no ids."""
        return ""

    async def acquire_token(self, name: str, places: Sequence[TopicPartition]) -> None:
        """There is nobody else."""

    def layout(self, topic: str) -> int:
        """Nobody reads them who knows older layouts only."""
        return self._layouts.get(topic, 0)

    def owns(self, topic: str, partition: int) -> bool:
        """Always true: there are no other workers."""
        return True

    def fail(self, error: BaseException) -> None:
        """Stop at once."""
        raise error
