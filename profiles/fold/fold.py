"""The fold: activities in, profiles and facts out. The same log gives the same bytes, however it is cut into batches.

Compiled code (`fold.apply`) applies the activities in the order of the log and records detections; `fold.emit` turns
these into facts.
"""

from collections.abc import Sequence

import numpy as np

from liveprofile.profiles.facts.snapshot import ProfileSnapshot
from liveprofile.profiles.fold.apply import Ints, apply_activities
from liveprofile.profiles.fold.batch import Batch
from liveprofile.profiles.fold.buffers import new_buffers
from liveprofile.profiles.fold.contexts import CodeOf, Contexts
from liveprofile.profiles.fold.earliest import earliest
from liveprofile.profiles.fold.emit import emit_activities, emit_time
from liveprofile.profiles.fold.partition_counts import count_batch
from liveprofile.profiles.fold.partition_state import PartitionState
from liveprofile.profiles.fold.result import FoldResult
from liveprofile.profiles.fold.survey import Heads, Survey, Surveyor, leave_out_gone
from liveprofile.profiles.fold.timers import DAY_MS, find_due, pass_time
from liveprofile.profiles.kernel.context import FoldContext
from liveprofile.profiles.kernel.evidence import Cause
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.numeric.local_time import offsets_table
from liveprofile.profiles.output.changes import Vocabulary, erased_fact
from liveprofile.profiles.output.snapshot import EncodedSnapshot, SnapshotContext, encoded_snapshots
from liveprofile.profiles.records.activity import Action, Kind, decode_heads, decode_tail, join_heads
from liveprofile.profiles.records.coordinates import source_code, source_name
from liveprofile.profiles.records.screening import are_ids, unreadable
from liveprofile.profiles.segments.rules import RULES
from liveprofile.profiles.state.cold_store import ColdStore
from liveprofile.profiles.state.row import erased_row

EXAMPLE_DIMS = 32
"""Dimensions on which clusterers learn: the cost of learning grows with them (architecture.md)."""
FIRED_AT_ONCE = 512
"""Profiles that one tick fires at most. The next tick goes on, and activities between the two are not kept waiting."""
DETECTIONS = 4096
"""Size of the detection buffer between compiled code and Python."""


class Fold(PartitionState):
    """One partition's profiles, and the only code that changes them.

    A fold applies activities in the order of their log, and returns the output of each. It reads no clock and draws no
    random number: the same log gives the same bytes, however it is cut into batches. One fold is for one thread.

    >>> from liveprofile import ActivityEncoder, Fold, Policy
    >>> encoder, fold = ActivityEncoder(b"a key for this example"), Fold(Policy())
    >>> keys, values = encoder.encode("clicks", b'{"user_id": "u-1", "category": "shoes", "ts": 1767268800}', offset=0)
    >>> result = fold.apply(keys, values, offsets=[0])
    >>> [(fact.record.version, fact.record.changes[0].after) for fact in result.changes]
    [(1, 'new')]
    >>> fold.snapshots(keys)[0].events.total
    1
    """

    def __init__(
        self,
        policy: Policy,
        embedder: str | None = None,
        partition: int = 0,
        *,
        capacity: int = 1024,
        detections: int = DETECTIONS,
        store: ColdStore | None = None,
    ) -> None:
        """A fold without profiles; `restore` loads those of a checkpoint.

        `policy` holds all thresholds and half-lives; the dimensions of activities must be `policy.dims`.
        `embedder` names the model that vectors come from, for the facts; `partition` is the number of the log's
        partition, for the evidence. `capacity` is the initial room for profiles, which grows; `detections`
        is the size of a buffer between compiled code and Python. `store` has the profiles that are not in memory;
        without it all are, 4.6 KB each, and 5 KB more for a shopper who has ordered.
        """
        super().__init__(policy.dims, capacity, store)
        self.policy = policy
        self.partition = partition
        self.ticked_ms = 0
        """The time of the log at the newest tick of this run; 0 before the first."""
        self._embedder = embedder
        self.table.forget_ms = int(policy.forget_after_days * DAY_MS)
        self._found = new_buffers(detections, min(EXAMPLE_DIMS, policy.dims))
        self._surveyor = Surveyor()
        self._contexts = Contexts(offsets_table(policy.local_time))
        self._code = CodeOf()

    def apply(self, keys: Sequence[bytes | None], values: Sequence[bytes], offsets: Sequence[int]) -> FoldResult:
        """Apply the next activities of the partition's log, in order.

        `keys` are profile ids of 32 hexadecimal digits, `values` activity records, `offsets` their places in the log,
        ascending; all three have one entry an activity. One applied before, by its offset, is skipped and counted.
        A record that cannot be folded is skipped, and listed in `unreadable`. ValueError for another layout.
        """
        result = FoldResult()
        places = np.ascontiguousarray(offsets, dtype=np.int64)
        heads, look = self._read(values)
        start = int(np.searchsorted(places, self.cursor.applied_through, side="right"))
        result.replayed += start
        wrong = unreadable(keys, heads) if look.foreign or look.wrong or not are_ids(keys) else {}
        controls = (
            sorted({*np.flatnonzero(heads["kind"] != Kind.EVENT).tolist(), *wrong}) if look.controls or wrong else []
        )
        for control in [*(at for at in controls if at >= start), len(values)]:
            batch = slice(start, control)
            if start < control:
                whole = control - start == len(values)
                batch_keys = [key or b"" for key in keys[batch]]
                self._apply(
                    Batch(batch_keys, values[batch], heads[batch], places[batch]), look if whole else None, result
                )
            if control in wrong:
                result.unreadable.append((int(places[control]), wrong[control]))
            elif control < len(values):
                self._apply_control(keys[control], heads[control], values[control], int(places[control]), result)
            start = control + 1
        if len(places):
            self.cursor.applied_through = max(self.cursor.applied_through, int(places[-1]))
        return result

    def snapshots(self, profile_ids: Sequence[bytes], currency: str = "EUR") -> list[ProfileSnapshot | None]:
        """Profiles as consumers see them, each decayed to its newest event; None for one that was erased.

        An unknown profile is returned empty. `currency` names the unit of amounts.
        """
        encoded = self.encoded_snapshots(profile_ids, currency)
        return [ProfileSnapshot.decode(one.value) if one is not None else None for one in encoded]

    def encoded_snapshots(self, profile_ids: Sequence[bytes], currency: str = "EUR") -> list[EncodedSnapshot | None]:
        """The same as JSON, as it goes to the topic."""
        rows, cursor = self.table.rows[self.table.places(profile_ids)], self.cursor
        made_by = (cursor.model, cursor.predictor, cursor.priors, cursor.rules)
        context = SnapshotContext(self.dictionary, self.policy, self._embedder, currency, *made_by)
        known = rows["erased_ms"] == 0
        names = [key.decode("ascii", "replace") for key, one in zip(profile_ids, known.tolist(), strict=True) if one]
        left = rows if known.all() else rows[known]
        taken = iter(encoded_snapshots(left, names, context))
        return [next(taken) if one else None for one in known.tolist()]

    @property
    def context(self) -> FoldContext:
        """What compiled code reads besides profiles and settings."""
        return self._contexts.of(self.cursor)

    def _read(self, values: Sequence[bytes]) -> tuple[Heads, Survey]:
        """The heads of records, and what is in them."""
        dims, reached_ms = self.policy.dims, self.cursor.time.reached_ms
        heads = join_heads(values, dims)
        look = self._surveyor.look(heads, dims, reached_ms)
        if look.foreign:
            heads = decode_heads(values, dims)
            look = self._surveyor.look(heads, dims, reached_ms)
        return heads, look

    def _apply_control(self, key: bytes | None, head: np.void, value: bytes, offset: int, result: FoldResult) -> None:
        """Apply a tick, an erasure or an adoption."""
        if head["kind"] == Kind.TICK:
            self._tick(int(head["event_time_ms"]), offset, result)
        elif head["kind"] == Kind.ERASE:
            self._erase(key or b"", int(head["event_time_ms"]), offset, result)
        else:
            self._adopt(decode_tail(value, self.policy.dims).adopted, int(head["event_time_ms"]), offset, result)

    def _adopt(self, record: object, time_ms: int, offset: int, result: FoldResult) -> None:
        """Put a model in force. New rules are applied to every profile, after the timers due before them."""
        is_rules = isinstance(record, dict) and record.get("what") == RULES
        now_ms = self.cursor.time.at(time_ms) if is_rules else time_ms
        if is_rules:
            self._pass_time(now_ms, offset, offset - 1, result)
        before = self.cursor.rules
        try:
            self.cursor.adopt(record, now_ms)
        except ValueError as error:
            result.unreadable.append((offset, str(error)))
            return
        if self.cursor.rules is not before:
            self.table.due_index.make_all_due()
            self._pass_time(now_ms, offset, offset, result)

    def _apply(self, batch: Batch, look: Survey | None, result: FoldResult) -> None:
        """Apply activities, and turn detections into facts whenever the buffers are full.

        `look` is what is in the batch, None if that is not known yet.
        """
        look, given = look or self._look(batch), len(batch.heads)
        batch, places = self._wanted(batch, look, result)
        if not len(batch.heads):
            return
        if len(batch.heads) < given:
            look = self._look(batch)
        self._counted = True
        count_batch(batch, look, self, self.partition, result)
        if look.orders:
            self.table.ledgers.open(places[(batch.heads["order"] != 0) & (batch.heads["action"] == Action.PURCHASE)])
        tally, at = np.zeros(5, np.int64), 0
        counts, numbers, context = self.cursor.population.counts, self.policy.numbers, self.context
        before = (self.table.arrays, places, batch.heads, batch.offsets)
        after = (numbers, context, self._found, counts, tally)
        code = self._code.of(apply_activities, context, (*before, at, *after))
        while at < len(batch.heads):
            at = code(*before, at, *after)
            emit_activities(self._found, batch, self._vocabulary(), self.policy.dims, self.partition, result)
        applied, replayed, duplicates, suppressed, erased = tally.tolist()
        result.applied += applied
        result.replayed += replayed
        result.duplicates += duplicates
        result.suppressed += suppressed
        result.erased += erased

    def _look(self, batch: Batch) -> Survey:
        return self._surveyor.look(batch.heads, self.policy.dims, self.cursor.time.reached_ms)

    def _wanted(self, batch: Batch, look: Survey, result: FoldResult) -> tuple[Batch, Ints]:
        """The batch without duplicates of ingest and without activities of erased profiles; and the profiles' places.

        Activities after an erasure must leave no trace, so they are dropped before names are learnt and orders are
        counted. A replay of activities from before the erasure counts them again, as the first fold did. A forgotten
        profile may begin anew: compiled code decides.
        """
        fresh = batch
        if not (look.in_order and self.cursor.goes_on(self._surveyor.lanes(look.lanes))):
            fresh = batch.only(self.cursor.unseen(batch.heads))
        places, rows = self.table.places(fresh.profiles), self.table.rows
        result.resent += len(batch.heads) - len(places)
        wanted = np.ones(len(places), dtype=bool)
        gone = leave_out_gone(rows, places, fresh.offsets, wanted)
        result.erased += gone
        return (fresh.only(wanted), places[wanted]) if gone else (fresh, places)

    def _erase(self, profile_id: bytes, time_ms: int, offset: int, result: FoldResult) -> None:
        """Erase a profile permanently, also one that is not known yet; a second erasure changes nothing."""
        table, place = self.table, int(self.table.places([profile_id])[0])
        if table.rows["erased_ms"][place] and not table.rows["forgotten"][place]:
            return
        version = int(table.rows["version"][place]) + 1
        table.rows[place] = erased_row(version, offset, time_ms, self.policy.dims)
        table.ledgers.close(np.array([place]))
        table.touched[place] = True
        self.dictionary.disown(profile_id.decode("ascii", "replace"))
        source = source_name(source_code("activity", self.partition, offset))
        cause = Cause(profile_id.decode("ascii", "replace"), None, source, time_ms, offset)
        result.changes.append(erased_fact(cause, version, self._labels()))

    def _tick(self, time_ms: int, offset: int, result: FoldResult) -> None:
        """Let time pass: refresh the partition's statistics, and fire timers that are due, of a number of profiles.

        A tick at 0 has no effect: it was written to read the broker's time.
        """
        if time_ms:
            if self._counted:
                self.cursor.population.refresh()
                self.cursor.price_levels.refresh(self.policy.price.level_min)
                self._counted = False
                self.dictionary.make_room()
            self.ticked_ms = self.cursor.time.at(time_ms)
            self._pass_time(self.ticked_ms, offset, offset, result, FIRED_AT_ONCE)

    def _pass_time(self, until_ms: int, offset: int, applied: int, result: FoldResult, most: int | None = None) -> None:
        """Fire profiles that are due by `until_ms`, or that were judged by other rules; `most` of them, or all.

        `offset` is that of the control record, `applied` is the offset that the profiles have applied then.
        """
        table, rules, context, at = self.table, self.policy.numbers, self.context, 0
        table.fetch_due(until_ms)
        profiles = table.arrays
        due = np.empty(len(table.by_place), np.int64)
        due = due[: find_due(table.rows[: len(due)], until_ms, offset, context.compiled_rules.version, rules, due)]
        places = earliest(due, table.rows["due_ms"][due], table.by_place, most)
        result.more_due = len(places) < len(due) or table.due_index.earliest_ms <= until_ms
        before = len(result.changes)
        while at < len(places):
            at = pass_time(profiles, places, at, until_ms, applied, rules, context, self._found)
            emit_time(self._found, table.by_place, self._vocabulary(), offset, self.partition, result)
        for fact in result.changes[before:] if table.forget_ms else ():
            if fact.record.origin == "erasure":
                self.dictionary.disown(fact.record.profile_id)

    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(self.dictionary, self._labels(), self.cursor.adopted, self.cursor.rules)

    def _labels(self) -> dict[str, str | None]:
        """The labels that every fact carries: policy, embedder and models."""
        model = self.cursor.model
        clusterer = model.label if model else None
        predictor = self.cursor.predictor
        return {
            "embedder": self._embedder,
            "clusterer": clusterer,
            "predictor": predictor.label if predictor else None,
            "rules": self.cursor.rules.label,
            "config": self.policy.digest,
        }
