"""Decides when ingest writes a mark, and keeps what waits for one: the places it covers, and the acks of their batches.

A batch is acked when the mark that covers it is durable. So after a crash the input that no mark covers is read again,
and nothing stays unmarked because nothing more arrives.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from liveprofile.streams.contract.marks import encode_mark, lane_of, mark_alone
from liveprofile.streams.runtime.stage import Write

if TYPE_CHECKING:
    from liveprofile.streams.runtime.stage import Ack, Outbox
    from liveprofile.streams.stages.ingest.outgoing import Outgoing
    from liveprofile.streams.stages.ingest.slices import Fetched

EVERY_S = 0.05
"""The shortest time between two marks."""
LONGEST_S = 0.075
"""After this time a mark is written although no activities leave with which it could go."""


@dataclass(frozen=True, slots=True)
class Boarded:
    """A mark that leaves, and the acks that wait for it."""

    mark: bytes
    acks: tuple[Ack, ...]

    def ack(self) -> None:
        """The mark is durable."""
        for ack in self.acks:
            ack()


class Unmarked:
    """What ingest does without marks: a batch is acked as soon as all of it is durable."""

    def board(self, out: Outgoing, batches: Sequence[Fetched]) -> Callable[[], None]:
        """Called before the last of what `batches` gave leaves; what it returns is called when that is durable."""
        return Boarded(b"", tuple(batch.ack for batch in batches)).ack

    async def flush(self) -> None:
        """Nothing waits."""

    def drop(self) -> None:
        """Nothing waits."""


class Marks(Unmarked):
    """Collects the places that are durable, and has them marked: with the next activities, or alone."""

    def __init__(self, outbox: Outbox, topic: str, dims: int, clock: Callable[[], float] = monotonic) -> None:
        """`topic` is `activity`, `dims` the dimensions of its vectors; `clock` gives seconds."""
        self._outbox, self._topic, self._dims, self._clock = outbox, topic, dims, clock
        self._places: dict[int, int] = {}
        """By input partition: the newest place that is durable and not marked yet."""
        self._acks: list[Ack] = []
        self._marked_s = float("-inf")
        self._timer: asyncio.TimerHandle | None = None
        self._sending: set[asyncio.Task[None]] = set()

    def board(self, out: Outgoing, batches: Sequence[Fetched]) -> Callable[[], None]:
        """Add a mark to what leaves, unless the last one was a moment ago: then the next one covers these batches."""
        if self._clock() - self._marked_s < EVERY_S:
            return lambda: self._wait(batches)
        self._keep(batches)
        boarded = self._take()
        out.add_mark(boarded.mark, self._outbox.partitions(self._topic), self._dims)
        return boarded.ack

    def _wait(self, batches: Sequence[Fetched]) -> None:
        """Have batches marked and acked later, all of whose activities are durable."""
        self._keep(batches)
        if self._timer is None:
            left_s = max(0.0, self._marked_s + LONGEST_S - self._clock())
            self._timer = asyncio.get_running_loop().call_later(left_s, self._leave_alone)

    async def flush(self) -> None:
        """Mark what waits now, and return when all marks are durable and all batches are acked."""
        if self._acks:
            await self._send(self._take())
        await asyncio.gather(*self._sending)

    def drop(self) -> None:
        """Forget what waits, after an error: nothing is marked or acked any more."""
        self._take()
        for task in self._sending:
            task.cancel()

    def _keep(self, batches: Sequence[Fetched]) -> None:
        for batch in batches:
            lane = lane_of(batch.last_place)
            self._places[lane] = max(batch.last_place, self._places.get(lane, 0))
            self._acks.append(batch.ack)

    def _take(self) -> Boarded:
        boarded = Boarded(encode_mark(self._places.values()), tuple(self._acks))
        self._places, self._acks, self._marked_s = {}, [], self._clock()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return boarded

    def _leave_alone(self) -> None:
        task = asyncio.get_running_loop().create_task(self._send_or_fail(self._take()), name="a mark of ingest")
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send_or_fail(self, boarded: Boarded) -> None:
        try:
            await self._send(boarded)
        except Exception as error:
            error.add_note("in a mark of the ingest stage")
            self._outbox.fail(error)

    async def _send(self, boarded: Boarded) -> None:
        item, count = mark_alone(boarded.mark, self._dims), self._outbox.partitions(self._topic)
        await self._outbox.send_all(Write(self._topic, number, [item]) for number in range(count))
        boarded.ack()
