"""The fold: activities in, profiles and facts out. The same log gives the same bytes, whatever its batches.

Each activity is taken in the order of the log by compiled code (`take`), which leaves notes; they become facts here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from profiles import lessons
from profiles.activity import Action, Kind, decode_heads, decode_tail, source_code, source_name
from profiles.anomalies.adopted import ALARMS, alarms_of
from profiles.anomalies.sayings import anomaly_fact
from profiles.anomalies.sessions import MOST_PER_EVENT as MOST_SESSIONS
from profiles.anomalies.sessions import SESSION
from profiles.cards import NO_CARDS
from profiles.cold import ColdStore
from profiles.cursor import CURSOR_KEY, NAME_PREFIX, Cursor
from profiles.entries import ENTERED
from profiles.model import NO_MODEL
from profiles.names import Names
from profiles.notes import ANOMALY, NOTE
from profiles.outcome import Outcome
from profiles.pairs import MOST_PER_EVENT as MOST_PAIRS
from profiles.pairs import PAIR
from profiles.policy import Policy
from profiles.predict import LABELLED
from profiles.predict import MOST_PER_EVENT as MOST_LABELLED
from profiles.readable import unreadable
from profiles.row import SCALES, erased_row
from profiles.sayings import (
    Cause,
    Vocabulary,
    by_event,
    changed_fact,
    erased_fact,
    origin_of,
    read_notes,
)
from profiles.segments.rules import RULES
from profiles.table import Table
from profiles.take import APPLIED, DUPLICATES, HELD_BACK, REPLAYED, Ints, take_activities
from profiles.timers import find_due, pass_time
from profiles.world import Findings, World

EXAMPLE_DIMS = 16
"""Dimensions that clusterers learn on: River's cost grows with them (architecture.md)."""
NOTES = 4096
"""Notes taken before they are turned into facts."""
PAIRS_PER_NOTE = 2
"""Room for pairs beside a note: nearly every activity gives some. More would not stay in the processor's cache."""
NO_SENTIMENT = np.zeros(0)
"""Until a model of reviews is adopted."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """Activities between two records that are controls, or cannot be read."""

    profiles: Sequence[bytes]
    values: Sequence[bytes]
    heads: npt.NDArray[np.void]
    offsets: Ints

    def only(self, chosen: npt.NDArray[np.bool_]) -> "_Batch":
        """The chosen activities (n,)."""
        if chosen.all():
            return self
        places = np.flatnonzero(chosen).tolist()
        profiles, values = [self.profiles[at] for at in places], [self.values[at] for at in places]
        return _Batch(profiles, values, self.heads[chosen], self.offsets[chosen])


class Fold:
    """One partition's profiles, and the only code that changes them."""

    def __init__(
        self,
        policy: Policy,
        embedder: str | None = None,
        partition: int = 0,
        *,
        capacity: int = 1024,
        notes: int = NOTES,
        store: ColdStore | None = None,
    ) -> None:
        """`capacity` is the room for profiles to begin with, `notes` the most taken at once.

        `store` has the profiles that are not in memory; without it all are.
        """
        self.policy = policy
        self.partition = partition
        self.table = Table(policy.dims, capacity, store)
        self.names = Names()
        self.cursor = Cursor()
        self.ticked_ms = 0
        """The time of the log as the newest tick of this run told it; 0 before the first."""
        self._embedder = embedder
        self._found = Findings(
            notes=np.zeros(notes, NOTE),
            directions=np.zeros((notes, min(EXAMPLE_DIMS, policy.dims)), np.int16),
            topics=np.zeros(notes, np.uint32),
            pairs=np.zeros(max(PAIRS_PER_NOTE * notes, MOST_PAIRS), PAIR),
            labelled=np.zeros(max(notes, MOST_LABELLED), LABELLED),
            sessions=np.zeros(max(notes, MOST_SESSIONS), SESSION),
            entered=np.zeros(notes, ENTERED),
            filled=np.zeros(5, np.int64),
        )

    def apply(self, keys: Sequence[bytes | None], values: Sequence[bytes], offsets: Sequence[int]) -> Outcome:
        """Take the next records of the partition's `activity`, in order. ValueError for records of another program."""
        outcome = Outcome()
        places = np.asarray(offsets, dtype=np.int64)
        heads = decode_heads(values, self.policy.dims)
        start = int(np.searchsorted(places, self.cursor.applied_through, side="right"))
        outcome.replayed += start
        wrong = unreadable(keys, heads)
        controls = sorted({*np.flatnonzero(heads["kind"] != Kind.EVENT).tolist(), *wrong})
        for control in [*(at for at in controls if at >= start), len(values)]:
            batch = slice(start, control)
            self._take(_Batch([key or b"" for key in keys[batch]], values[batch], heads[batch], places[batch]), outcome)
            if control in wrong:
                outcome.unreadable.append((int(places[control]), wrong[control]))
            elif control < len(values):
                self._obey(keys[control], heads[control], values[control], int(places[control]), outcome)
            start = control + 1
        if len(places):
            self.cursor.applied_through = max(self.cursor.applied_through, int(places[-1]))
        return outcome

    def _obey(self, key: bytes | None, head: np.void, value: bytes, offset: int, outcome: Outcome) -> None:
        """Take a tick, an erasure or an adoption."""
        if head["kind"] == Kind.TICK:
            self._tick(int(head["event_time_ms"]), offset, outcome)
        elif head["kind"] == Kind.ERASE:
            self._erase(key or b"", int(head["event_time_ms"]), offset, outcome)
        else:
            self._adopt(decode_tail(value, self.policy.dims)[5], int(head["event_time_ms"]), offset, outcome)

    def _adopt(self, record: object, time_ms: int, offset: int, outcome: Outcome) -> None:
        """Put a model in force. Rules are applied to every profile, after what was due before them."""
        is_rules = isinstance(record, dict) and record.get("what") == RULES
        now_ms = self.cursor.time.at(time_ms) if is_rules else time_ms
        if is_rules:
            self._pass_time(now_ms, offset, offset - 1, outcome)
        before = self.cursor.rules
        try:
            self.cursor.adopt(record, now_ms)
        except ValueError as error:
            outcome.unreadable.append((offset, str(error)))
            return
        if self.cursor.rules is not before:
            self.table.away.make_all_due()
            self._pass_time(now_ms, offset, offset, outcome)

    def _take(self, batch: _Batch, outcome: Outcome) -> None:
        """Take activities, and turn their notes into facts whenever the notes are full."""
        batch, places = self._wanted(batch, outcome)
        if not len(batch.heads):
            return
        self._learn_names(batch)
        self._count_orders(batch.heads)
        self.cursor.time.see(int(batch.heads["event_time_ms"].max()))
        outcome.examples += lessons.reviews(batch.profiles, batch.heads, batch.offsets, self.partition)
        self.cursor.price_levels.count(batch.heads)
        table, rules, world, found = self.table, self.policy.rules, self._world(), self._found
        tally, at = np.zeros(4, np.int64), 0
        while at < len(batch.heads):
            at = take_activities(
                table.rows, table.touched, places, batch.heads, batch.offsets, at, rules, world, found, tally
            )
            self._say(batch, outcome)
        outcome.applied += int(tally[APPLIED])
        outcome.replayed += int(tally[REPLAYED])
        outcome.duplicates += int(tally[DUPLICATES])
        outcome.held_back += int(tally[HELD_BACK])

    def _world(self) -> World:
        """What the models in force and the partition say."""
        model, population = self.cursor.model or NO_MODEL, self.cursor.population
        return World(
            population.location,
            population.spread,
            model.centres,
            model.ids,
            cards=self.cursor.predictor.cards if self.cursor.predictor else NO_CARDS,
            alarms=alarms_of(self.cursor.adopted.get(ALARMS)),
            price_levels=self.cursor.price_levels.table,
            sentiment=self.cursor.sentiment.weights if self.cursor.sentiment else NO_SENTIMENT,
            tags=self.cursor.rules.tags,
        )

    def _wanted(self, batch: _Batch, outcome: Outcome) -> tuple[_Batch, Ints]:
        """Without what ingest sent twice, and what comes after the erasure of its profile; and the profiles' places.

        The latter must leave no trace at all, so it is dropped before names are learnt and orders are counted. What a
        replay brings from before the erasure was counted then, and is counted again.
        """
        fresh = batch.only(self.cursor.unseen(batch.heads))
        places, rows = self.table.places(fresh.profiles), self.table.rows
        wanted = (rows["erased_ms"][places] == 0) | (rows["applied"][places] >= fresh.offsets)
        outcome.resent += len(batch.heads) - len(places)
        outcome.erased += len(places) - int(wanted.sum())
        return fresh.only(wanted), places[wanted]

    def _say(self, batch: _Batch, outcome: Outcome) -> None:
        """Turn the notes into facts, and what can be learnt from them into examples; hand the pairs over."""
        if self._found.filled[1]:
            outcome.pairs.append(self._found.pairs[: self._found.filled[1]].copy())
        notes = read_notes(self._found.notes[: self._found.filled[0]])
        words = self._vocabulary()
        learnt: list[int] = []
        place = 0
        for event, group in by_event(notes):
            cause = self._cause(batch, event, group[0].at_ms)
            changes = [note for note in group if note.about < ANOMALY]
            if changes:
                outcome.changes.append(changed_fact(changes, cause, words))
            if changes and changes[0].about < len(SCALES):
                learnt.append(place)
            outcome.anomalies += [anomaly_fact(note, cause) for note in group if note.about >= ANOMALY]
            place += len(group)
        times, profiles, offsets = batch.heads["event_time_ms"], batch.profiles, batch.offsets
        outcome.examples += lessons.places(self._found, learnt, profiles, times, offsets, self.names, self.partition)
        outcome.examples += lessons.outcomes(self._found, profiles, offsets, self.partition)
        outcome.examples += lessons.entries(self._found, profiles, times, offsets, self.names, self.partition)
        outcome.examples += lessons.sessions(self._found, profiles, offsets, self.partition)

    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(self.names, self._labels(), self.cursor.adopted, self.cursor.rules)

    def _cause(self, batch: _Batch, event: int, at_ms: int) -> Cause:
        """The activity, or the moment `at_ms` before it that it brought the news of."""
        head, profile_id, offset = batch.heads[event], batch.profiles[event], int(batch.offsets[event])
        if at_ms:
            return Cause(
                profile_id.decode("ascii", "replace"), None, source_name(head["source"]), at_ms, offset, "timer"
            )
        return Cause(
            profile_id=profile_id.decode("ascii", "replace"),
            event_id=decode_tail(batch.values[event], self.policy.dims)[0],
            source=source_name(head["source"]),
            time_ms=int(head["event_time_ms"]),
            offset=offset,
            origin=origin_of(int(head["flags"]), int(head["action"])),
        )

    def _erase(self, profile_id: bytes, time_ms: int, offset: int, outcome: Outcome) -> None:
        """Forget a profile for good, also one that is not known yet; a second erasure changes nothing."""
        table, place = self.table, int(self.table.places([profile_id])[0])
        if table.rows["erased_ms"][place]:
            return
        version = int(table.rows["version"][place]) + 1
        table.rows[place] = erased_row(version, offset, time_ms, self.policy.dims)
        table.touched[place] = True
        source = source_name(source_code("activity", self.partition, offset))
        cause = Cause(profile_id.decode("ascii", "replace"), None, source, time_ms, offset)
        outcome.changes.append(erased_fact(cause, version, self._labels()))

    def _tick(self, time_ms: int, offset: int, outcome: Outcome) -> None:
        """Let time pass: what is usual in the partition is renewed, and everything happens that was due.

        A tick at 0 says nothing: it was written to learn the broker's time.
        """
        if time_ms:
            self.cursor.population.refresh()
            self.cursor.price_levels.refresh(self.policy.price_level_least)
            self.ticked_ms = self.cursor.time.at(time_ms)
            self._pass_time(self.ticked_ms, offset, offset, outcome)

    def _pass_time(self, until_ms: int, offset: int, applied: int, outcome: Outcome) -> None:
        """Fire all profiles that are due by `until_ms`, or were judged by other rules; the earliest first.

        `offset` is of the record that says so, `applied` what the profiles have applied then.
        """
        table, rules, world, at = self.table, self.policy.rules, self._world(), 0
        table.fetch_due(until_ms)
        rows = table.rows[: len(table.by_place)]
        places = np.empty(len(rows), np.int64)
        places = places[: find_due(rows, until_ms, offset, world.tags.version, places)]
        places = places[np.argsort(rows["due_ms"][places], kind="stable")]
        while at < len(places):
            at = pass_time(rows, table.touched, places, at, until_ms, applied, rules, world, self._found)
            self._say_of_time(offset, outcome)

    def _say_of_time(self, offset: int, outcome: Outcome) -> None:
        """Turn the notes of what time alone did into facts, and what can be learnt from it into examples."""
        words, source = self._vocabulary(), source_name(source_code("activity", self.partition, offset))
        keys, found = self.table.by_place, self._found
        for place, group in by_event(read_notes(found.notes[: found.filled[0]])):
            cause = Cause(keys[place].decode("ascii", "replace"), None, source, group[0].at_ms, offset, "timer")
            changes = [note for note in group if note.about < ANOMALY]
            if changes:
                outcome.changes.append(changed_fact(changes, cause, words))
            outcome.anomalies += [anomaly_fact(note, cause) for note in group if note.about >= ANOMALY]
        outcome.examples += lessons.outcomes(found, keys, offset, self.partition)
        outcome.examples += lessons.sessions(found, keys, offset, self.partition)

    def _learn_names(self, batch: _Batch) -> None:
        """Read the texts of topics and brands that are new to the partition, in the order of the log."""
        new: list[tuple[int, int, int]] = []
        for field_, in_tail in (("category", 1), ("brand", 2)):
            digests, first = np.unique(batch.heads[field_], return_index=True)
            for digest, at in zip(digests.tolist(), first.tolist(), strict=True):
                if digest and digest not in self.names.known:
                    new.append((at, in_tail, digest))
        for at, in_tail, digest in sorted(new):
            self.names.learn(digest, decode_tail(batch.values[at], self.policy.dims)[in_tail] or f"#{digest:08x}")

    def _count_orders(self, heads: npt.NDArray[np.void]) -> None:
        orders = heads["order_total"][(heads["action"] == Action.PURCHASE) & (heads["line"] == 0)]
        self.cursor.population.count(orders[orders > 0])

    def _labels(self) -> dict[str, str | None]:
        """What every fact says it was made with."""
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

    def checkpoint(self) -> tuple[list[tuple[bytes, bytes]], bytes]:
        """State records touched since the last call (names, then profiles), and the cursor to write after them."""
        names = [(NAME_PREFIX + b"%08x" % digest, self.names.known[digest].encode()) for digest in self.names.unsaved]
        self.names.unsaved.clear()
        return names + self.table.take_touched(), self.cursor.encode()

    def restore(self, items: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Load state records of a partition, in the order of the state topic and in any number of batches.

        A record without a value removes. Of several records of a profile the one that has applied most counts, and of
        several cursors the one that reaches furthest, the later one on a tie: a worker that had lost its partition may
        have written an old one last. ValueError for a foreign layout.
        """
        profiles: list[tuple[bytes, bytes]] = []
        for key, value in items:
            if key == CURSOR_KEY:
                found = Cursor.decode(value) if value is not None else Cursor()
                if value is None or found.applied_through >= self.cursor.applied_through:
                    self._go_on_from(found)
            elif key.startswith(NAME_PREFIX):
                self.names.restore(int(key[len(NAME_PREFIX) :], 16), value)
            elif value is not None:
                profiles.append((key, value))
            else:
                self.table.restore(profiles)
                self.table.remove(key)
                profiles.clear()
        self.table.restore(profiles)

    def _go_on_from(self, cursor: Cursor) -> None:
        """Take a cursor; where it brings other rules, all profiles are to be judged again."""
        if cursor.rules.tags.version != self.cursor.rules.tags.version:
            self.table.away.make_all_due()
        self.cursor = cursor

    def restored(self, items: Sequence[tuple[bytes, bytes | None]]) -> list[tuple[bytes, bytes | None]]:
        """What the store lacks after `restore(items)`."""
        plain = [item for item in items if item[1] is None or item[0].startswith(NAME_PREFIX)]
        return [*plain, *self.table.take_touched(), (CURSOR_KEY, self.cursor.encode())]

    def recall(self, items: Sequence[tuple[bytes, bytes]], limit: int) -> None:
        """Look through records that the store holds, keeping in memory what must be there, and others up to `limit`."""
        profiles = [item for item in items if item[0] != CURSOR_KEY and not item[0].startswith(NAME_PREFIX)]
        if len(profiles) < len(items):
            self.restore([item for item in items if item[0] == CURSOR_KEY or item[0].startswith(NAME_PREFIX)])
        if profiles:
            self.table.recall(profiles, limit, self.cursor.rules.tags.version)

    def evict(self, limit: int) -> None:
        """Keep at most so many profiles in memory, where the store has the others."""
        self.table.evict(limit, self.cursor.rules.tags.version)
