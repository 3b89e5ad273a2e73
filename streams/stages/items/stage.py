"""The items stage: keeps up how items look and which go together, each item in the partition of its digest.

What it knows it writes down at checkpoints, on the very topics that others read: how items look, then what goes with
them, then the cursor; then the runs are acknowledged. A crash in between replays from the last cursor, and what an item
has counted is not counted again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from liveprofile.profiles.items.fold import ItemFold, ItemOutcome, compile_items
from liveprofile.profiles.records.activity import lasting_offset
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.runtime.checkpoint import Checkpointer, Write
from liveprofile.streams.runtime.progress import Progress

if TYPE_CHECKING:
    from liveprofile.streams.runtime.partition_state import StateReader
    from liveprofile.streams.runtime.stage import Ack, Outbox
    from liveprofile.streams.transport.record import Item, Record, TopicPartition

log = structlog.get_logger(__name__)

CURSOR_KEY = b"cursor"
SLICE = 16
"""Item events between two chances for the other agents of this process: some ten milliseconds of pairs."""


@dataclass(frozen=True, slots=True)
class ItemsStageConfig:
    """How the stage is run."""

    topics: Topics
    half_life_s: float
    checkpoint_s: float = 5.0
    checkpoint_max_pairs: int = 1_000_000


@dataclass(slots=True)
class ItemsCounters:
    """What the stage has done since the worker started."""

    pairs: int = 0
    item_updates: int = 0
    repeats: int = 0
    unreadable: int = 0
    records_written: int = 0

    def count(self, outcome: ItemOutcome) -> None:
        """Add a slice of a run."""
        self.pairs += outcome.pairs
        self.item_updates += outcome.item_updates
        self.repeats += outcome.repeats
        self.unreadable += len(outcome.unreadable)


class ItemsStage:
    """Owns the items of the partitions of item events that are assigned to this worker."""

    name = "items"

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
        fold, topics = ItemFold(self._config.half_life_s), self._config.topics
        self._progress[partition] = Progress()
        await self._load(topics.items, partition, lambda found: fold.restore_items([value for _, value in found]))
        await self._load(
            topics.item_neighbours, partition, lambda found: fold.restore_neighbours([value for _, value in found])
        )
        await self._load(topics.item_cursors, partition, lambda found: fold.restore_cursor(found[-1][1]))
        self._folds[partition] = fold
        log.info("items loaded", partition=partition, items=len(fold), through=fold.applied_through)

    def progress(self, topic: str, partition: int) -> Progress | None:
        """How far the loading of a partition is."""
        return self._progress.get(partition)

    async def _load(self, topic: str, partition: int, restore: Callable[[list[tuple[bytes, bytes]]], None]) -> None:
        """Give all records of a compacted partition to `restore`, in their order."""
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

    async def handle(self, topic: str, partition: int, run: Sequence[Record], ack: Ack) -> None:
        """Count a run; it is acknowledged by the checkpoint that covers it."""
        fold, first = self._folds[partition], lasting_offset(self._outbox.generation(topic), 0)
        pairs = 0
        for begin in range(0, len(run), SLICE):
            part = run[begin : begin + SLICE]
            outcome = fold.apply([record.value for record in part], [first + record.offset for record in part])
            pairs += outcome.pairs
            self.counters.count(outcome)
            for offset, problem in outcome.unreadable:
                log.error("item_event_unreadable", partition=partition, offset=offset, problem=problem)
            await asyncio.sleep(0)
        self._checkpoints.hold((topic, partition), ack, max(pairs, 1))

    def _encode(self, partition: int) -> list[Write]:
        """What a checkpoint writes, in its order: how items look, what goes with them, then the cursor."""
        topics = self._config.topics
        items, neighbours, cursor = self._folds[partition].checkpoint()
        self.counters.records_written += len(items) + len(neighbours)
        return [
            Write(topics.items, partition, _without_headers(items)),
            Write(topics.item_neighbours, partition, _without_headers(neighbours)),
            Write(topics.item_cursors, partition, [(CURSOR_KEY, cursor, ())]),
        ]

    async def revoke(self, partitions: Collection[TopicPartition]) -> None:
        """Write a final checkpoint of these partitions, acknowledge what it covers, and forget them."""
        mine = [place for place in partitions if place[1] in self._folds]
        await self._checkpoints.settle(mine)
        for _, number in mine:
            del self._folds[number]

    async def stop(self) -> None:
        """Drop what is left; after an error nothing more is written."""
        self._checkpoints.drop()
        self._folds.clear()


def _without_headers(records: list[tuple[bytes, bytes]]) -> list[Item]:
    return [(key, value, ()) for key, value in records]
