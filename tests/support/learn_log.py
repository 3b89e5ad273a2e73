"""A log in memory for the learn stage, and examples given to it in runs."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from liveprofile.models.clusterers.adoption import read_clusters
from liveprofile.profiles.records import activity
from liveprofile.streams.contract.layouts import newest_layouts
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.stages.learn.stage import LearnStage
from support.training_examples import places

DIMS, ACTIVITY_DIMS, PARTITIONS = 4, 8, 3
TOPICS = Topics("app")


@dataclass
class Given:
    """A record as the runtime gives it."""

    offset: int
    value: bytes | None
    topic: str = "app.examples"
    partition: int = 0
    timestamp: int = 0
    key: bytes | None = b"p"
    headers: Sequence[tuple[str, bytes]] = ()


@dataclass
class MemoryLog:
    """An outbox that keeps what it is sent, and can refuse a topic or lose the partition of examples."""

    sent: list[tuple[str, int, bytes | None, bytes | None]] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    refused: str = ""
    layouts: dict[str, int] = field(default_factory=lambda: dict(newest_layouts(TOPICS)))
    owned: bool = True
    generations: dict[str, int] = field(default_factory=dict)

    async def send(self, topic: str, partition: int, items: Collection[Any]) -> None:
        if topic == self.refused:
            raise ConnectionError(topic)
        self.sent += [(topic, partition, key, value) for key, value, _ in items]
        self.story.append(f"{topic.removeprefix('app.')}/{partition}")

    def partitions(self, topic: str) -> int:
        return PARTITIONS if topic == "app.activity" else 1

    def generation(self, topic: str) -> int:
        return self.generations.get(topic, 0)

    def layout(self, topic: str) -> int:
        return self.layouts.get(topic, 0)

    def owns(self, topic: str, partition: int) -> bool:
        return self.owned

    async def read(self, topic: str, partition: int) -> dict[bytes, bytes]:
        latest = {key: value for where, at, key, value in self.sent if (where, at) == (topic, partition)}
        return {key: value for key, value in latest.items() if key is not None and value is not None}

    def damage(self, key: bytes) -> None:
        """Flip a bit in the middle of the newest value of a model's key."""
        value = next(value for _, _, k, value in reversed(self.sent) if k == key)
        assert value is not None
        at = len(value) // 2
        self.sent.append(("app.models", 0, key, value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]))

    def adopted(self) -> dict[int, list[str]]:
        labels = defaultdict(list)
        for topic, partition, _, value in self.sent:
            if topic == "app.activity" and value is not None:
                labels[partition].append(read_clusters(activity.decode_tail(value, ACTIVITY_DIMS).adopted).label)
        return dict(labels)


def values(count: int) -> list[bytes]:
    return places(count, DIMS, seed=4)


async def give(learn: LearnStage, log: MemoryLog, first: int, last: int, run: int = 7) -> None:
    """Give the stage examples first..last in runs; its acks enter the log's story."""
    everything = values(last + 1)
    for begin in range(first, last + 1, run):
        records = [Given(offset, everything[offset]) for offset in range(begin, min(begin + run, last + 1))]
        end = records[-1].offset
        await learn.handle("app.examples", 0, records, partial(log.story.append, f"ack {end}"))
