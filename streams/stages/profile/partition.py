"""One partition of `activity` in this worker: its fold, its output records and its checkpoints."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

import structlog

from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.fold.result import FoldResult
from liveprofile.profiles.output.snapshot import EncodedSnapshot
from liveprofile.profiles.records.activity import lasting_offset
from liveprofile.profiles.state.generation import FIRST, AdoptedGeneration, adopted_generation
from liveprofile.streams.contract.cloud_events import CloudEvents
from liveprofile.streams.contract.dead_letters import dead_letter
from liveprofile.streams.contract.inputs.common import READ_BACK_HEADER
from liveprofile.streams.contract.marks import KEY as MARK_KEY
from liveprofile.streams.contract.refusals import Reason, Refusal
from liveprofile.streams.runtime.stage import Outbox, Write
from liveprofile.streams.stages.profile.config import ProfileStageConfig
from liveprofile.streams.stages.profile.counters import ProfileCounters
from liveprofile.streams.stages.profile.delays import Arrivals
from liveprofile.streams.stages.profile.downstream import Downstream
from liveprofile.streams.stages.profile.erasures import Erasures
from liveprofile.streams.stages.profile.quality_summary import QualitySummary
from liveprofile.streams.stages.profile.ticks import Ticks
from liveprofile.streams.transport.record import Item, Record

if TYPE_CHECKING:
    from liveprofile.streams.runtime.partition_fetch import StateRecord
    from liveprofile.streams.stages.profile.local_state import LocalState

log = structlog.get_logger(__name__)

PUT_AT_ONCE = 1_000
"""Profiles written to the local state before other tasks get their turn."""
TRACE = "traceparent"
_PROFILE_ID = re.compile(rb"[0-9a-f]{32}")


class Partition:
    """Folds batches one at a time. The lock `folding` is held from a batch's fold until its facts are durable."""

    def __init__(
        self,
        number: int,
        config: ProfileStageConfig,
        outbox: Outbox,
        events: CloudEvents,
        counters: ProfileCounters,
        local: LocalState | None = None,
        generation: int = FIRST,
    ) -> None:
        """`local` holds the profiles that are not in memory; without it, all are in memory."""
        self.number = number
        self.generation = generation
        self.state_topic = config.topics.state_of(generation)
        self.loaded_through = local.through if local is not None else -1
        """The last offset of the state topic that is in it."""
        self.fold = Fold(config.policy, config.embedder, number, store=local)
        self.local = local
        self.folding = asyncio.Lock()
        self._config = config
        self._outbox = outbox
        self._events = events
        self._counters = counters
        self.first = lasting_offset(outbox.generation(config.topics.activity), 0)
        """What is added to the offsets of `activity`."""
        self._changed: set[str] = set()
        self.erasures = Erasures(number)
        self.downstream = Downstream(config.topics, number, outbox)
        """Records for the stages that read what this one writes."""
        self._quality = QualitySummary(number, events.of_models)
        self._written: list[tuple[bytes, bytes | None]] = []
        """The records of the last checkpoint, for the local state."""
        self.passed: Callable[[Sequence[Record], int], None] = lambda records, through: None
        """Called with records whose facts are durable, and the last one's offset."""
        self.more_due = False
        """Whether the newest batch has left profiles that were due: the next tick goes on with them."""
        self._arrivals = Arrivals(counters.delays)
        self._ticks = Ticks(number, config, outbox, lambda: self.fold.rests_until_ms())

    def recall(self, items: Sequence[tuple[bytes, bytes]], limit: int) -> None:
        """Read records of the local state, and keep up to `limit` profiles in memory."""
        self.fold.recall(items, limit)

    def restore(self, records: Sequence[StateRecord], limit: int) -> None:
        """Restore the next records of the state topic; with a local state, keep `limit` profiles in memory.

        ValueError for a record that cannot be read.
        """
        items = [(key, value) for key, value, _ in records if key is not None]
        try:
            self.fold.restore(items)
        except ValueError as error:
            place = f"{self.state_topic}/{self.number}, offsets {records[0][2]} to {records[-1][2]}"
            error.add_note(f"in {place}: the partition is not loaded, and nothing was changed")
            raise
        self.loaded_through = records[-1][2] if records else self.loaded_through
        if self.local is not None and records:
            self.local.put_many(self.fold.restored(items))
            self.local.through = records[-1][2]
            self.fold.evict(limit)

    async def keep(self, limit: int) -> None:
        """After a durable checkpoint: write it to the local state, and keep `limit` profiles in memory."""
        if self.local is None:
            return
        written, self._written = self._written, []
        for at in range(0, len(written), PUT_AT_ONCE):
            self.local.put_many(written[at : at + PUT_AT_ONCE])
            await asyncio.sleep(0)
        self.local.through = max(self.local.through, self._outbox.reached(self.state_topic, self.number))
        self.fold.evict(limit)

    def start_time(self) -> None:
        """Start appending ticks to the partition's log."""
        self._ticks.start()

    def stop_time(self) -> None:
        """Stop appending ticks."""
        self._ticks.stop()

    @property
    def successor(self) -> AdoptedGeneration | None:
        """The generation that the log has adopted instead of this one; None while this one is current."""
        adopted = adopted_generation(self.fold.cursor.adopted)
        return adopted if adopted is not None and adopted.generation > self.generation else None

    async def keys(self) -> list[bytes]:
        """All profiles, in memory or not."""
        keys = set(self.fold.table.keys)
        if self.local is not None:
            with closing(self.local.read_all()) as batches:
                for items in batches:
                    keys.update(key for key, _ in items if not key.startswith(b"\x00"))
                    await asyncio.sleep(0)
        return sorted(keys)

    async def take(self, batch: Sequence[Record]) -> int:
        """Fold a batch and make its facts durable; returns the number of activities applied."""
        async with self.folding:
            self._report_gap(self.first + batch[0].offset)
            folded = [record for record in batch if record.key != MARK_KEY]
            applied = await self._fold(folded) if folded else 0
            through, cursor = self.first + batch[-1].offset, self.fold.cursor
            cursor.applied_through = max(cursor.applied_through, through)
            self.passed(batch, through)
        return applied

    async def _fold(self, batch: Sequence[Record]) -> int:
        began = time.perf_counter()
        keys, values = [r.key for r in batch], [r.value or b"" for r in batch]
        result = self.fold.apply(keys, values, [self.first + r.offset for r in batch])
        self._counters.count(result, time.perf_counter() - began)
        self._counters.count_controls(result, len(batch))
        if result.more_due:
            self._ticks.hurry()
        self.more_due = result.more_due
        await self._publish(result, batch)
        self._count_published(result, batch)
        self.erasures.note(result, batch, self.first)
        self._changed.update(fact.record.profile_id for fact in result.changes)
        return result.applied

    def _report_gap(self, offset: int) -> None:
        """Log how many activities are missing before this batch: the log has no gaps of its own, so they were lost.

        The first batch of a replaced log has no expected offset.
        """
        expected = self.fold.cursor.applied_through + 1
        if offset > expected >= self.first:
            log.error(
                "activities lost before they were folded",
                partition=self.number,
                records=offset - expected,
                then="profiles continue without them; give the activity topic a longer retention.ms",
            )

    async def _publish(self, result: FoldResult, batch: Sequence[Record]) -> None:
        """Publish facts, and wait until all are durable."""
        traces = {self.first + record.offset: _trace(record) for record in batch if record.headers}
        topics = self._config.topics
        changes = [self._events.changed(fact, traces.get(fact.activity_offset)) for fact in result.changes]
        anomalies = [self._events.anomaly(fact, traces.get(fact.activity_offset)) for fact in result.anomalies]
        letters = self._dead_letters(result, batch)
        self.downstream.add(result)
        facts = {topics.profile_changes: changes, topics.profile_anomalies: anomalies, topics.dead_letters: letters}
        facts[topics.profiles] = self._read_back(batch)
        await self._outbox.send_all(Write(topic, self.number, items) for topic, items in facts.items())

    def _read_back(self, batch: Sequence[Record]) -> list[Item]:
        """The snapshots of profiles that are going to be read: with the facts, and not at the next checkpoint."""
        keys = {record.key for record in batch if record.headers and _is_read_back(record) and _profile_id(record.key)}
        wanted = sorted(key for key in keys if key is not None)
        if not wanted:
            return []
        shown = zip(wanted, self.snapshots(wanted), strict=True)
        return [self._events.snapshot(key, one.value) for key, one in shown if one is not None]

    def _count_published(self, result: FoldResult, batch: Sequence[Record]) -> None:
        caused_at = [fact.activity_offset for fact in result.changes]
        caused_at += [fact.activity_offset for fact in result.anomalies]
        self._counters.published(result)
        self._arrivals.count(batch, [offset - self.first for offset in caused_at])

    def _dead_letters(self, result: FoldResult, batch: Sequence[Record]) -> list[Item]:
        """Dead letters of records that cannot be folded; the fold continues without them."""
        if not result.unreadable:
            return []
        records = {self.first + record.offset: record for record in batch}
        log.error("activity_unreadable", partition=self.number, records=len(result.unreadable), see="dead-letters")
        return [
            dead_letter(
                Refusal(Reason.UNREADABLE_ACTIVITY, f"The record in activity cannot be folded: {words}."),
                *(self._config.topics.activity, self.number, records[offset].offset),
                records[offset].timestamp,
                records[offset].value,
                stage="profile",
                profile_id=_profile_id(records[offset].key),
            )
            for offset, words in result.unreadable
        ]

    def encode(self) -> list[list[Write]]:
        """The steps of a checkpoint: snapshots of changed profiles, with all else that is for others; then the state of
        touched profiles; then the cursor.

        A profile in the state topic is not folded again after a crash, so what it gave must be durable before.
        """
        topics = self._config.topics
        self.erasures.taken()
        changed = self.take_changed()
        shown, state, cursor = self.snapshots(changed), *self.encode_state()
        self._quality.gather(one.quality for one in shown if one is not None)
        summary = self._quality.due(self.fold.ticked_ms)
        for_others = [
            Write(topics.profiles, self.number, self.snapshot_records(changed, shown)),
            *self.downstream.take(),
            *([Write(topics.model_events, 0, summary)] if summary else ()),
        ]
        return [for_others, [state], [cursor]]

    def encode_state(self) -> tuple[Write, Write]:
        """The profiles touched since the last call, and the cursor."""
        return self.encode_profiles(), self.encode_cursor()

    def encode_profiles(self) -> Write:
        """The names and profiles touched since the last call."""
        records = self.fold.take_touched()
        self._counters.checkpointed(len(records))
        if self.local is not None:
            self._written += records
        return Write(self.state_topic, self.number, [(key, value, ()) for key, value in records])

    def encode_cursor(self) -> Write:
        """The cursor, behind its parts; it must be written before the next call."""
        records = self.fold.take_cursor()
        if self.local is not None:
            self._written += records
        return Write(self.state_topic, self.number, [(key, value, ()) for key, value in records])

    def take_changed(self) -> list[bytes]:
        """The profiles with a changed snapshot since the last call."""
        changed, self._changed = self._changed, set()
        return [profile_id.encode() for profile_id in changed]

    def snapshots(self, keys: Sequence[bytes]) -> list[EncodedSnapshot | None]:
        """Profiles (n,) as everybody else sees them; None where they were erased."""
        return self.fold.encoded_snapshots(keys, self._config.currency)

    def snapshot_records(self, keys: Sequence[bytes], shown: Sequence[EncodedSnapshot | None]) -> list[Item]:
        """Records for `profiles`: tombstones for erased profiles."""
        return [
            (key, None, ()) if one is None else self._events.snapshot(key, one.value)
            for key, one in zip(keys, shown, strict=True)
        ]


def _profile_id(key: bytes | None) -> bytes | None:
    """The key of an activity if it is a profile id; it may be anything else in a record that is none of ours."""
    return key if key is not None and _PROFILE_ID.fullmatch(key) else None


def _is_read_back(record: Record) -> bool:
    return any(name == READ_BACK_HEADER for name, _ in record.headers)


def _trace(record: Record) -> bytes | None:
    """The traceparent of an activity, to be passed on."""
    return next((value for name, value in record.headers if name == TRACE), None)
