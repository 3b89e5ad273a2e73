"""Checkpoints: touched entries of a partition are written about once a second; acks wait until they are durable."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field

from liveprofile.streams.metrics.histogram import LATENCY_S, Histogram
from liveprofile.streams.runtime.stage import Ack, Outbox, Write
from liveprofile.streams.runtime.waiting import wait_at_most
from liveprofile.streams.transport.record import TopicPartition

LEISURE_S = 3.0
"""How long acks wait for a checkpoint that has nothing else to write."""

Encode = Callable[[TopicPartition], Sequence[Sequence[Write]]]
"""The steps of a checkpoint: the writes of one go out together, and are durable before those of the next."""
Written = Callable[[TopicPartition], Awaitable[None]]


async def _nothing(place: TopicPartition) -> None:
    """The default of `written`: do nothing."""


@dataclass(slots=True)
class _Held:
    """Acks and counts of one partition that wait for its next checkpoint."""

    acks: list[Ack] = field(default_factory=list)
    touched: int = 0
    some: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while any ack waits."""
    any: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while an ack waits that does not wait at leisure."""
    many: asyncio.Event = field(default_factory=asyncio.Event)
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    keeper: asyncio.Task[None] | None = None
    since_s: float | None = None
    """When the oldest of the acks was held."""
    written_since_s: float | None = None
    """The same of those that are in the checkpoint under way."""

    def take(self) -> list[Ack]:
        acks, self.acks, self.touched = self.acks, [], 0
        self.written_since_s, self.since_s = self.since_s, None
        self.some.clear()
        self.any.clear()
        self.many.clear()
        return acks


class Checkpointer:
    """Holds acks per partition until a checkpoint covers them.

    `encode(place)` returns the entries touched since its last call, and clears the marks of touched entries. It and the
    taking of the acks held so far happen without an await between them. So the acks cover exactly the encoded entries,
    however much is folded while the writes are awaited. Steps are made in the given order, each durable before the
    next begins: profiles first, the cursor record last. If one fails, the process stops; nothing has to be restored.
    """

    def __init__(
        self,
        outbox: Outbox,
        encode: Encode,
        *,
        quiet: Callable[[TopicPartition], AbstractAsyncContextManager[None]] = lambda place: nullcontext(),
        written: Written = _nothing,
        every_s: float = 1.0,
        every_touched: int = 20_000,
    ) -> None:
        """A checkpoint starts `every_s` after the first held batch, or as soon as `every_touched` entries wait.

        `quiet(place)` is entered while `encode` runs. A stage that writes facts before their state holds this lock from
        the fold of a batch until its facts are durable. `written(place)` is awaited when a checkpoint is durable,
        before its acks.
        """
        self._outbox = outbox
        self._encode = encode
        self._quiet = quiet
        self._written = written
        self._every_s = every_s
        self._every_touched = every_touched
        self._held: dict[TopicPartition, _Held] = {}
        self.seconds = Histogram(LATENCY_S)
        """How long checkpoints took until they were durable."""

    def ages_s(self) -> dict[TopicPartition, float]:
        """By partition: the age of the oldest batch that no durable checkpoint covers; 0 if there is none."""
        now_s = time.monotonic()
        oldest = {place: held.written_since_s or held.since_s for place, held in self._held.items()}
        return {place: now_s - since_s if since_s is not None else 0.0 for place, since_s in oldest.items()}

    def hold(self, place: TopicPartition, ack: Ack, touched: int, *, at_leisure: bool = False) -> None:
        """Hold the ack of a batch that is folded in memory; `touched` is the number of newly touched entries.

        `at_leisure`: nothing was touched, so that it can wait for others, or for `LEISURE_S`.
        """
        held = self._held.get(place)
        if held is None:
            held = self._held[place] = _Held()
            held.keeper = asyncio.create_task(self._keep(place, held), name=f"checkpoints of {place[0]}/{place[1]}")
        held.acks.append(ack)
        held.since_s = held.since_s or time.monotonic()
        held.touched += touched
        held.some.set()
        if not at_leisure:
            held.any.set()
        if held.touched >= self._every_touched:
            held.many.set()

    async def settle(self, places: Collection[TopicPartition]) -> None:
        """Write a last checkpoint of these partitions, ack it, and drop them; no batch of theirs may be in progress."""
        await asyncio.gather(*(self._settle(place) for place in places if place in self._held))

    def drop(self) -> None:
        """Drop everything without writing or acking, after an error."""
        for held in self._held.values():
            if held.keeper is not None:
                held.keeper.cancel()
        self._held.clear()

    async def _settle(self, place: TopicPartition) -> None:
        held = self._held.pop(place)
        await self._write(place, held)
        if held.keeper is not None:
            held.keeper.cancel()

    async def _keep(self, place: TopicPartition, held: _Held) -> None:
        try:
            while True:
                await held.some.wait()
                await wait_at_most(held.any, LEISURE_S)
                await wait_at_most(held.many, self._every_s)
                await self._write(place, held)
        except Exception as error:
            error.add_note(f"in the checkpoint of {place[0]}/{place[1]}")
            self._outbox.fail(error)

    async def _write(self, place: TopicPartition, held: _Held) -> None:
        async with held.writing:
            began = time.perf_counter()
            async with self._quiet(place):
                acks = held.take()
                steps = self._encode(place) if acks else ()
            for writes in steps:
                await self._outbox.send_all(writes)
            if steps:
                await self._written(place)
                self.seconds.add(time.perf_counter() - began)
            for ack in acks:
                ack()
            held.written_since_s = None
