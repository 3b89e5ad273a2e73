"""One partition of `activity` in this worker: its fold, what it says, and what it writes down."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from profiles.activity import Kind, control_record
from profiles.cursor import CURSOR_KEY
from profiles.fold import Fold, Outcome
from profiles.snapshot import snapshots
from streams.profile.cloud_events import CloudEvents
from streams.profile.counters import ProfileCounters
from streams.runtime.checkpoint import Write
from streams.runtime.stage import Item, Outbox, Record

if TYPE_CHECKING:
    from streams.profile.stage import ProfileStageConfig
    from streams.runtime.partition_fetch import StateRecord

MOST_RESERVED = 1_000_000
"""Profiles for which room is made before they come; it costs no memory before they do."""
TRACE = "traceparent"
TICK_KEY = b"\x00tick"
"""Key of ticks in `activity`; no profile id looks like it."""


class Partition:
    """Folds runs one at a time. `folding` is held from a run's fold until its facts are durable."""

    def __init__(
        self,
        number: int,
        config: ProfileStageConfig,
        outbox: Outbox,
        events: CloudEvents,
        counters: ProfileCounters,
    ) -> None:
        self.number = number
        self.fold = Fold(config.policy, config.embedder, number)
        self.folding = asyncio.Lock()
        self._config = config
        self._outbox = outbox
        self._events = events
        self._counters = counters
        self._changed: set[str] = set()
        self._ticking: asyncio.Task[None] | None = None

    def restore(self, records: Sequence[StateRecord], expected: int = 0) -> None:
        """Take the next records of the state topic, of about `expected` in all."""
        self.fold.table.reserve(min(expected, MOST_RESERVED))
        self.fold.restore([(key, value) for key, value, _ in records if key is not None])

    def start_time(self) -> None:
        """Append ticks to the partition's log from here on."""
        self._ticking = asyncio.create_task(self._ticks(), name=f"ticks of {self.number}")

    def stop_time(self) -> None:
        """Append no more ticks."""
        if self._ticking is not None:
            self._ticking.cancel()

    async def take(self, run: Sequence[Record]) -> int:
        """Fold a run and make its facts durable; returns the number of activities applied."""
        async with self.folding:
            began = time.perf_counter()
            keys, values, offsets = [r.key for r in run], [r.value or b"" for r in run], [r.offset for r in run]
            outcome = self.fold.apply(keys, values, offsets)
            self._counters.count(outcome, time.perf_counter() - began)
            await self._say(outcome, run)
            self._changed.update(fact.record.profile_id for fact in outcome.changes)
        return outcome.applied

    async def _say(self, outcome: Outcome, run: Sequence[Record]) -> None:
        """Write facts and examples, and wait until all are durable."""
        traces = {record.offset: _trace(record) for record in run if record.headers}
        topics, number, send = self._config.topics, self.number, self._outbox.send
        changes = [self._events.changed(fact, traces.get(fact.activity_offset)) for fact in outcome.changes]
        anomalies = [self._events.anomaly(fact, traces.get(fact.activity_offset)) for fact in outcome.anomalies]
        examples: list[Item] = [(key, record, ()) for key, record in outcome.examples]
        batches = [(topics.profile_changes, number, changes), (topics.profile_anomalies, number, anomalies)]
        batches.append((topics.examples, 0, examples))
        await asyncio.gather(*(send(topic, at, items) for topic, at, items in batches if items))

    def encode(self) -> list[Write]:
        """What a checkpoint writes, in its order: touched profiles, snapshots of changed ones, then the cursor."""
        records, cursor = self.fold.checkpoint()
        self._counters.checkpointed(len(records))
        topics = self._config.topics
        state: list[Item] = [(key, value, ()) for key, value in records]
        return [
            Write(topics.state, self.number, state),
            Write(topics.profiles, self.number, self._snapshots()),
            Write(topics.state, self.number, [(CURSOR_KEY, cursor, ())]),
        ]

    def _snapshots(self) -> list[Item]:
        """The profiles that changed since the last checkpoint, as everybody else sees them."""
        fold, config = self.fold, self._config
        changed, self._changed = list(self._changed), set()
        rows = fold.table.rows[fold.table.places([profile_id.encode() for profile_id in changed])]
        model, policy = fold.cursor.model, config.policy
        taken = snapshots(rows, changed, fold.names, model, policy, config.currency, config.embedder)
        return [self._events.snapshot(value) for value in taken]

    async def _ticks(self) -> None:
        """Append a tick now and then: that is how time reaches the fold."""
        with self._stopping_on_error():
            while True:
                await asyncio.sleep(self._config.tick_s)
                tick = control_record(Kind.TICK, time.time_ns() // 1_000_000, self._config.policy.dims)
                await self._outbox.send(self._config.topics.activity, self.number, [(TICK_KEY, tick, ())])

    @contextmanager
    def _stopping_on_error(self) -> Iterator[None]:
        """What fails beside the runs stops the process: nothing may be acknowledged after it."""
        try:
            yield
        except Exception as error:
            error.add_note(f"in the ticks of the profile stage, partition {self.number}")
            self._outbox.fail(error)


def _trace(record: Record) -> bytes | None:
    """The traceparent that came with an activity, to be passed on."""
    return next((value for name, value in record.headers if name == TRACE), None)
