"""Publishes how far each partition of `activity` is folded: marks that were passed, once all facts before are durable.

    fold of a batch                   its facts are durable
    marks in the batch, and its end   noted
    at most every 50 ms               published, for all partitions in one batch of records
    at a checkpoint                   published before the cursor: what the cursor skips after a crash is published
    a checkpoint is durable           the snapshots of what was passed before it are, too: published as `shown`

A new owner begins with what was published before: a fact that was durable once stays durable. So what is published
only rises. An owner that was put out may still publish less; whoever reads takes the maximum.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from liveprofile.profiles.state.generation import FIRST
from liveprofile.streams.clock import now_ms
from liveprofile.streams.contract.marks import lane_of, marks_in
from liveprofile.streams.contract.partition_progress import (
    PartitionProgress,
    decode_progress,
    later_of,
    named_positions,
    places_named,
)
from liveprofile.streams.runtime.partition_state import StateReader
from liveprofile.streams.runtime.progress import Progress
from liveprofile.streams.runtime.stage import Outbox, Write
from liveprofile.streams.transport.record import Item, Record

EVERY_S = 0.05
"""The shortest time between two publications."""


@dataclass(slots=True)
class _Reached:
    """What is known of one partition, and whether the topic knows it."""

    through: int
    activity_ms: int
    places: dict[int, int]
    """By input partition: the newest place whose activities are folded."""
    checkpoint_ms: int
    assigned_ms: int
    assignments: int
    shown: dict[int, int] = field(default_factory=dict)
    """By input partition: the newest place that a durable checkpoint covers."""
    encoded: dict[int, int] = field(default_factory=dict)
    """The same of the checkpoint under way."""
    folded: int = -1
    """The last offset that this owner has folded: less than `through` while it folds again what is published."""
    generation: int = FIRST
    loading: bool = True
    is_due: bool = True
    """Whether it has moved since it was last given to the outbox."""
    unconfirmed: int = 0
    """How often it was given to the outbox and is not known to be durable."""
    moves: int = 0
    """How often it has moved since then."""


class ProgressPublisher:
    """The progress of the partitions that this worker owns."""

    def __init__(self, topic: str, outbox: Outbox, read: StateReader, clock_ms: Callable[[], int] = now_ms) -> None:
        """`topic` is `progress`; `read` reads it from its beginning."""
        self._topic, self._outbox, self._read = topic, outbox, read
        self._clock_ms = clock_ms
        self._reached: dict[int, _Reached] = {}
        self._moved = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def begin(self, number: int) -> None:
        """Go on from what an earlier owner has published of a partition, which is going to be loaded."""
        published = PartitionProgress()
        async for records in self._read(self._topic, 0, start_offset=0, progress=Progress()):
            for key, value, _ in records:
                if key == _key(number) and (found := decode_progress(value)) is not None:
                    published = later_of(published, found)
        self._reached[number] = _Reached(
            published.through,
            published.activity_ms,
            _by_lane(published.inputs),
            checkpoint_ms=published.checkpoint_ms,
            assigned_ms=self._clock_ms(),
            assignments=published.assignments + 1,
            shown=_by_lane(published.shown),
        )
        self._publish_soon()

    def loaded(self, number: int, through: int, generation: int) -> None:
        """The partition is loaded up to an offset of `activity`."""
        reached = self._reached[number]
        if through >= reached.through:  # what was published is in the state, and so behind a checkpoint
            reached.shown = dict(reached.places)
        reached.loading, reached.generation = False, generation
        self._note_through(reached, through)
        reached.is_due = True
        self._publish_soon()

    def passed(self, number: int, records: Sequence[Record], through: int) -> None:
        """These records of `activity` are folded, and their facts are durable; the last one is at `through`."""
        reached = self._reached.get(number)
        if reached is None:
            return
        self._note_through(reached, through)
        reached.activity_ms = max(reached.activity_ms, records[-1].timestamp)
        if self._note_places(reached, marks_in(records)):
            reached.is_due = True
            self._publish_soon()

    def before_checkpoint(self, number: int) -> list[Write]:
        """What has to be durable before a checkpoint covers what was passed."""
        reached = self._reached.get(number)
        if reached is None:
            return []
        reached.encoded = dict(reached.places if reached.folded >= reached.through else reached.shown)
        if not (reached.moves or reached.unconfirmed):
            return []
        return [Write(self._topic, 0, [self._taken(number, reached)])]

    def checkpointed(self, number: int) -> None:
        """A checkpoint is durable."""
        if (reached := self._reached.get(number)) is not None:
            reached.checkpoint_ms = self._clock_ms()
            if reached.encoded != reached.shown:
                reached.shown, reached.is_due = reached.encoded, True
                self._publish_soon()

    def forget(self, number: int) -> None:
        """The partition is another worker's from here on."""
        self._reached.pop(number, None)

    def stop(self) -> None:
        """Publish nothing more."""
        self._reached.clear()
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _note_through(self, reached: _Reached, through: int) -> None:
        reached.folded = max(reached.folded, through)
        if through > reached.through:
            reached.through = through
            reached.moves += 1

    def _note_places(self, reached: _Reached, places: Iterable[int]) -> bool:
        moved = False
        for place in places:
            lane = lane_of(place)
            if place > reached.places.get(lane, -1):
                reached.places[lane] = place
                reached.moves += 1
                moved = True
        return moved

    def _publish_soon(self) -> None:
        self._moved.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="progress of the profile stage")

    async def _run(self) -> None:
        """Publish; an error stops the process, because the checkpoints rely on what was published."""
        try:
            while True:
                await self._moved.wait()
                self._moved.clear()
                if due := {number: one for number, one in self._reached.items() if one.is_due}:
                    await self._publish(due)
                    await asyncio.sleep(EVERY_S)
        except Exception as error:
            error.add_note("in the progress of the profile stage")
            self._outbox.fail(error)

    async def _publish(self, due: dict[int, _Reached]) -> None:
        items = [self._taken(number, reached) for number, reached in due.items()]
        for reached in due.values():
            reached.unconfirmed += 1
        await self._outbox.send(self._topic, 0, items)
        for reached in due.values():
            reached.unconfirmed -= 1

    def _taken(self, number: int, reached: _Reached) -> Item:
        """The record of all that is known."""
        reached.is_due, reached.moves = False, 0
        record = PartitionProgress(
            through=reached.through,
            at_ms=self._clock_ms(),
            activity_ms=reached.activity_ms,
            checkpoint_ms=reached.checkpoint_ms,
            loading=reached.loading,
            generation=reached.generation,
            assigned_ms=reached.assigned_ms,
            assignments=reached.assignments,
            inputs=dict(named_positions(reached.places.values())),
            shown=dict(named_positions(reached.shown.values())),
        )
        return _key(number), record.encode(), ()


def _by_lane(inputs: Mapping[str, int]) -> dict[int, int]:
    return {lane_of(place): place for place in places_named(inputs)}


def _key(number: int) -> bytes:
    return str(number).encode()
