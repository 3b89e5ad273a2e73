"""One partition of `activity` in this worker: its fold, the runs not yet acknowledged, and its two timers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from profiles.activity import Kind, control_record
from profiles.cursor import CURSOR_KEY
from profiles.fold import Fold, Outcome
from profiles.snapshot import snapshot
from streams.profile.cloud_events import CloudEvents
from streams.profile.counters import ProfileCounters
from streams.stage import Ack, Item, Outbox, Record

if TYPE_CHECKING:
    from streams.profile.stage import ProfileStageConfig

TRACE = "traceparent"


class Partition:
    """Folds runs one at a time, and checkpoints beside them.

    The lock keeps a checkpoint from seeing a run whose facts are not yet durable. Only copying the touched profiles
    happens under it: while their records are on the way, the next run is folded.
    """

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
        self._config = config
        self._outbox = outbox
        self._events = events
        self._counters = counters
        self._held: list[Ack] = []
        self._changed: set[str] = set()
        self._applied = 0
        """Activities since the last checkpoint: no fewer than the profiles they touched."""
        self._folding = asyncio.Lock()
        self._writing = asyncio.Lock()
        self._due = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def restore(self, state: dict[bytes, bytes]) -> None:
        """Take what the state topic holds."""
        self.fold.restore(list(state.items()))

    def start(self) -> None:
        """Start the timers of checkpoints and ticks."""
        self._tasks = [asyncio.create_task(work) for work in (self._checkpoints(), self._ticks())]

    async def handle(self, run: Sequence[Record], ack: Ack) -> None:
        """Fold a run, make its facts durable, and hold its acknowledgement for the next checkpoint."""
        async with self._folding:
            began = time.perf_counter()
            keys, values, offsets = [r.key for r in run], [r.value or b"" for r in run], [r.offset for r in run]
            outcome = self.fold.apply(keys, values, offsets)
            self._counters.count(outcome, time.perf_counter() - began)
            await self._say(outcome, run)
            self._changed.update(fact.record.profile_id for fact in outcome.changes)
            self._held.append(ack)
        self._applied += outcome.applied
        if self._applied >= self._config.checkpoint_max_profiles:
            self._due.set()

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

    async def checkpoint(self) -> None:
        """Write touched profiles, then the cursor, then acknowledge the runs they cover."""
        async with self._writing:
            async with self._folding:
                held, self._held, self._applied = self._held, [], 0
                if not held:
                    return
                records, cursor = self.fold.checkpoint()
                snapshots = self._snapshots()
            topics, number, send = self._config.topics, self.number, self._outbox.send
            state: list[Item] = [(key, value, ()) for key, value in records]
            batches = [(topics.state, state), (topics.profiles, snapshots)]
            await asyncio.gather(*(send(topic, number, items) for topic, items in batches if items))
            await send(topics.state, number, [(CURSOR_KEY, cursor, ())])
            for ack in held:
                ack()
            self._counters.checkpointed(len(records))

    def _snapshots(self) -> list[Item]:
        """The profiles that changed since the last checkpoint, as everybody else sees them."""
        fold, policy, currency = self.fold, self._config.policy, self._config.currency
        changed, self._changed = self._changed, set()
        items = []
        for profile_id in changed:
            row, model = fold.table.row(profile_id.encode()), fold.cursor.model
            value = snapshot(row, profile_id, fold.names, model, policy, currency, self._config.embedder)
            items.append(self._events.snapshot(value))
        return items

    async def close(self) -> None:
        """Stop the timers and write the final checkpoint."""
        self.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.checkpoint()

    def cancel(self) -> None:
        """Stop the timers."""
        for task in self._tasks:
            task.cancel()

    async def _checkpoints(self) -> None:
        with self._stopping_on_error():
            while True:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._due.wait(), self._config.checkpoint_s)
                self._due.clear()
                await asyncio.shield(self.checkpoint())

    async def _ticks(self) -> None:
        """Append a tick to the partition's log now and then: that is how time reaches the fold."""
        with self._stopping_on_error():
            while True:
                await asyncio.sleep(self._config.tick_s)
                tick = control_record(Kind.TICK, time.time_ns() // 1_000_000, self._config.policy.dims)
                await self._outbox.send(self._config.topics.activity, self.number, [(b"\x00tick", tick, ())])

    @contextmanager
    def _stopping_on_error(self) -> Iterator[None]:
        """What fails in a timer stops the process: nothing may be acknowledged after it."""
        try:
            yield
        except Exception as error:
            error.add_note(f"in a timer of the profile stage, partition {self.number}")
            self._outbox.fail(error)


def _trace(record: Record) -> bytes | None:
    """The traceparent that came with an activity, to be passed on."""
    return next((value for name, value in record.headers if name == TRACE), None)
