"""Decides when ingest writes a mark, and keeps what waits for one: the places it covers, and the acks of their batches.

Each partition of `activity` has its own pace: an activity carries a mark if the last one there was long enough ago, and
a mark of its own is written only where no activity has come meanwhile. A batch is acked when every partition has a
durable mark that covers it. So after a crash the input that some partition has no mark of is read again, and nothing
stays unmarked because nothing more arrives.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

from liveprofile.streams.contract.marks import encode_mark, lane_of, mark_alone
from liveprofile.streams.runtime.stage import Write

if TYPE_CHECKING:
    from liveprofile.streams.runtime.stage import Ack, Outbox
    from liveprofile.streams.stages.ingest.outgoing import Outgoing
    from liveprofile.streams.stages.ingest.slices import Fetched

EVERY_S = 0.03
"""The shortest time between two marks of a partition."""
LONGEST_S = 0.05
"""After this time a mark is written although no activity of the partition leaves with which it could go."""


@dataclass(slots=True)
class Waiting:
    """Batches that are durable, and the partitions of `activity` where no mark covers them yet."""

    acks: Sequence[Ack]
    missing: set[int]

    def marked(self, number: int) -> None:
        """A partition has a durable mark that covers them; the last one acks them."""
        self.missing.discard(number)
        if not self.missing:
            for ack in self.acks:
                ack()


@dataclass(slots=True)
class Lane:
    """One partition of `activity`."""

    places: dict[int, int] = field(default_factory=dict)
    """By input partition: the newest durable place that no mark here covers."""
    waiting: list[Waiting] = field(default_factory=list)
    since_s: float = 0.0
    """Since when anything waits here."""
    marked_s: float = float("-inf")
    """When the last mark left."""

    def add(self, places: Mapping[int, int], waiting: Waiting, now_s: float) -> None:
        """Have places marked later."""
        if not self.waiting:
            self.since_s = now_s
        self.waiting.append(waiting)
        for lane, place in places.items():
            self.places[lane] = max(place, self.places.get(lane, 0))

    def take(self, places: Mapping[int, int], now_s: float) -> tuple[bytes, list[Waiting]]:
        """The mark that leaves now, of what waits here and of `places`; and who waits for it."""
        mark = encode_mark({**self.places, **places}.values())
        waiting, self.waiting, self.places, self.marked_s = self.waiting, [], {}, now_s
        return mark, waiting


class Unmarked:
    """What ingest does without marks: a batch is acked as soon as all of it is durable."""

    def board(self, out: Outgoing, batches: Sequence[Fetched]) -> Callable[[], None]:
        """Called before the last of what `batches` gave leaves; what it returns is called when that is durable."""

        def when_durable() -> None:
            for batch in batches:
                batch.ack()

        return when_durable

    async def flush(self) -> None:
        """Nothing waits."""

    def drop(self) -> None:
        """Nothing waits."""


class Marks(Unmarked):
    """Collects the places that are durable, and has them marked: with the next activities, or alone."""

    def __init__(self, outbox: Outbox, topic: str, dims: int, clock: Callable[[], float] = monotonic) -> None:
        """`topic` is `activity`, `dims` the dimensions of its vectors; `clock` gives seconds."""
        self._outbox, self._topic, self._dims, self._clock = outbox, topic, dims, clock
        self._lanes = [Lane() for _ in range(outbox.partitions(topic))]
        self._dropped = False
        self._timer: asyncio.TimerHandle | None = None
        self._sending: set[asyncio.Task[None]] = set()

    def board(self, out: Outgoing, batches: Sequence[Fetched]) -> Callable[[], None]:
        """Have activities that leave carry marks, but for partitions that had one a moment ago."""
        now_s, places = self._clock(), _newest_places(batches)
        boarded = {}
        for number in out.with_activities():
            lane = self._lanes[number]
            if now_s - lane.marked_s >= EVERY_S:
                mark, boarded[number] = lane.take(places, now_s)
                out.add_mark(number, mark, self._dims)
        return lambda: self._left(boarded, Waiting([batch.ack for batch in batches], set()), places)

    async def flush(self) -> None:
        """Mark what waits now, and return when all marks are durable and all batches are acked."""
        await self._send([number for number, lane in enumerate(self._lanes) if lane.waiting])
        await asyncio.gather(*self._sending)

    def drop(self) -> None:
        """Forget what waits, after an error: nothing is marked or acked any more."""
        self._dropped = True
        for lane in self._lanes:
            lane.waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
        for task in self._sending:
            task.cancel()

    def _left(self, boarded: Mapping[int, Sequence[Waiting]], batches: Waiting, places: Mapping[int, int]) -> None:
        """Batches are durable, and so are the marks on some partitions; the others have them marked later."""
        if self._dropped:
            return
        now_s = self._clock()
        batches.missing = set(range(len(self._lanes))) - boarded.keys()
        for number in batches.missing:
            self._lanes[number].add(places, batches, now_s)
        if not batches.missing:
            batches.marked(0)
        _tell(boarded)
        self._set_timer()

    def _set_timer(self) -> None:
        """Have partitions marked alone where something waits for too long."""
        since_s = min((lane.since_s for lane in self._lanes if lane.waiting), default=None)
        if since_s is not None and self._timer is None:
            left_s = max(0.0, since_s + LONGEST_S - self._clock())
            self._timer = asyncio.get_running_loop().call_later(left_s, self._leave_alone)

    def _leave_alone(self) -> None:
        self._timer = None
        late_s = self._clock() - LONGEST_S
        late = [number for number, lane in enumerate(self._lanes) if lane.waiting and lane.since_s <= late_s]
        if late:
            task = asyncio.get_running_loop().create_task(self._send_or_fail(late), name="marks of ingest")
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        self._set_timer()

    async def _send_or_fail(self, numbers: Sequence[int]) -> None:
        try:
            await self._send(numbers)
        except Exception as error:
            error.add_note("in a mark of the ingest stage")
            self._outbox.fail(error)

    async def _send(self, numbers: Sequence[int]) -> None:
        """Write marks alone on these partitions."""
        now_s, taken, writes = self._clock(), {}, []
        for number in numbers:
            mark, taken[number] = self._lanes[number].take({}, now_s)
            writes.append(Write(self._topic, number, [mark_alone(mark, self._dims)]))
        await self._outbox.send_all(writes)
        _tell(taken)


def _newest_places(batches: Sequence[Fetched]) -> dict[int, int]:
    """The newest place of each input partition."""
    places: dict[int, int] = {}
    for batch in batches:
        lane = lane_of(batch.last_place)
        places[lane] = max(batch.last_place, places.get(lane, 0))
    return places


def _tell(marked: Mapping[int, Sequence[Waiting]]) -> None:
    """Marks of these partitions are durable, and whoever waited for them is covered there."""
    for number, waiting in marked.items():
        for one in waiting:
            one.marked(number)
