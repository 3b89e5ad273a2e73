"""The items stage: keeps each item's data and its co-occurring items, in the partition of the item's digest.

Checkpoints write the state to the topics that others read: items, then their co-occurrences, then the cursor. Then the
batches are acknowledged. A crash in between replays from the last cursor, and no event is counted twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from liveprofile.profiles.items.fold import ItemFold, ItemOutcome, Records, compile_items
from liveprofile.profiles.records.activity import lasting_offset
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.metrics import catalogue as of
from liveprofile.streams.metrics.metric import Reading
from liveprofile.streams.runtime.checkpoint import Checkpointer
from liveprofile.streams.runtime.progress import Progress
from liveprofile.streams.runtime.stage import Write
from liveprofile.streams.transport.haste import Haste

if TYPE_CHECKING:
    from liveprofile.streams.runtime.partition_state import StateReader
    from liveprofile.streams.runtime.stage import Ack, Outbox
    from liveprofile.streams.transport.record import Item, Record, TopicPartition

log = structlog.get_logger(__name__)

CURSOR_KEY = b"cursor"
SLICE = 16
"""Item events processed before other agents of this process get their turn: some ten milliseconds of pairs."""


@dataclass(frozen=True, slots=True)
class ItemsStageConfig:
    """Settings of the stage."""

    topics: Topics
    half_life_s: float
    forget_after_days: float = 0.0
    checkpoint_s: float = 5.0
    checkpoint_max_pairs: int = 1_000_000


@dataclass(slots=True)
class ItemsCounters:
    """Counters since the worker started."""

    pairs: int = 0
    item_updates: int = 0
    repeats: int = 0
    unreadable: int = 0
    records_written: int = 0

    def count(self, result: ItemOutcome) -> None:
        """Add a slice of a batch."""
        self.pairs += result.pairs
        self.item_updates += result.item_updates
        self.repeats += result.repeats
        self.unreadable += len(result.unreadable)


class ItemsStage:
    """Owns the items of the partitions of item events that are assigned to this worker."""

    name = "items"
    haste = Haste.AT_LEISURE

    def __init__(self, config: ItemsStageConfig, read_state: StateReader) -> None:
        """`read_state` reads a compacted partition to its end."""
        topics = config.topics
        self.topics = (topics.item_events,)
        self.written_alone = (topics.items, topics.item_neighbours, topics.item_cursors)
        self.counters = ItemsCounters()
        self._config = config
        self._read_state = read_state
        self._folds: dict[int, ItemFold] = {}
        self._progress: dict[int, Progress] = {}
        self._outbox: Outbox

    async def start(self, outbox: Outbox) -> None:
        """Load the compiled code; partitions load when assigned."""
        compile_items()
        self._outbox = outbox
        self._checkpoints = Checkpointer(
            outbox,
            lambda place: self._encode(place[1]),
            every_s=self._config.checkpoint_s,
            every_touched=self._config.checkpoint_max_pairs,
        )

    async def assign(self, topic: str, partition: int) -> None:
        """Load a partition's items."""
        config = self._config
        topics = config.topics
        fold = ItemFold(config.half_life_s, forget_after_days=config.forget_after_days)
        self._progress[partition] = Progress()
        await self._load(topics.items, partition, lambda found: fold.restore_items([value for _, value in found]))
        await self._load(
            topics.item_neighbours, partition, lambda found: fold.restore_neighbours([value for _, value in found])
        )
        await self._load(topics.item_cursors, partition, lambda found: fold.restore_cursor(found[-1][1]))
        self._folds[partition] = fold
        log.info("items loaded", partition=partition, items=len(fold), through=fold.applied_through)

    def progress(self, topic: str, partition: int) -> Progress | None:
        """Progress of loading a partition."""
        return self._progress.get(partition)

    def moved(self, topic: str, partition: int) -> object:
        """A batch is counted in slices."""
        fold = self._folds.get(partition)
        return fold.applied_through if fold is not None else None

    def readings(self) -> Iterator[Reading]:
        """Its metrics."""
        yield of.NEIGHBOUR_PAIRS.read(self.counters.pairs)
        for partition, fold in self._folds.items():
            yield of.ITEMS.read(len(fold), str(partition))
        yield of.CHECKPOINT_SECONDS.read(self._checkpoints.seconds, self.name)
        for (_, partition), age_s in self._checkpoints.ages_s().items():
            yield of.CHECKPOINT_AGE.read(age_s, self.name, str(partition))

    async def _load(self, topic: str, partition: int, restore: Callable[[list[tuple[bytes, bytes]]], None]) -> None:
        """Give all records of a compacted partition to `restore`, in order."""
        progress = self._progress[partition]
        async for records in self._read_state(topic, partition, start_offset=0, progress=progress):
            found = [(key, value) for key, value, _ in records if key is not None and value is not None]
            try:
                if found:
                    restore(found)
            except ValueError as error:
                error.add_note(f"in {topic}/{partition}: the partition is not loaded, and nothing was changed")
                raise
            await asyncio.sleep(0)

    async def handle(self, topic: str, partition: int, batch: Sequence[Record], ack: Ack) -> None:
        """Count a batch; the checkpoint that covers it acknowledges it."""
        fold, first = self._folds[partition], lasting_offset(self._outbox.generation(topic), 0)
        pairs = 0
        for begin in range(0, len(batch), SLICE):
            part = batch[begin : begin + SLICE]
            result = fold.apply([record.value for record in part], [first + record.offset for record in part])
            pairs += result.pairs
            self.counters.count(result)
            for offset, problem in result.unreadable:
                log.error("item_event_unreadable", partition=partition, offset=offset, problem=problem)
            await asyncio.sleep(0)
        self._checkpoints.hold((topic, partition), ack, max(pairs, 1))

    def _encode(self, partition: int) -> list[list[Write]]:
        """The steps of a checkpoint: items, their co-occurrences, then the cursor."""
        topics = self._config.topics
        items, neighbours, cursor = self._folds[partition].checkpoint()
        self.counters.records_written += len(items) + len(neighbours)
        return [
            [Write(topics.items, partition, _without_headers(items))],
            [Write(topics.item_neighbours, partition, _without_headers(neighbours))],
            [Write(topics.item_cursors, partition, [(CURSOR_KEY, cursor, ())])],
        ]

    async def revoke(self, partitions: Collection[TopicPartition]) -> None:
        """Write a final checkpoint of these partitions, acknowledge what it covers, and drop them."""
        mine = [place for place in partitions if place[1] in self._folds]
        await self._checkpoints.settle(mine)
        for _, number in mine:
            del self._folds[number]

    async def stop(self) -> None:
        """Drop the rest; after an error nothing more is written."""
        self._checkpoints.drop()
        self._folds.clear()


def _without_headers(records: Records) -> list[Item]:
    return [(key, value, ()) for key, value in records]
