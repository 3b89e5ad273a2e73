"""The fold: activities in, profiles and facts out. The same log gives the same bytes, whatever its batches.

A batch is taken in waves of at most one activity per profile, each wave as NumPy calls over all its profiles. Only
elementwise operations and sums of integers are used, so a profile's numbers don't depend on who shares its batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from profiles import anomalies, example
from profiles.activity import Action, Kind, decode_heads, decode_tail, source_code, source_name
from profiles.behaviour import short_digests, update_behaviour
from profiles.changes import detect
from profiles.cursor import CURSOR_KEY, NAME_PREFIX, Cursor
from profiles.facts import AnomalyChanged, Evidence, ProfileChanged, rfc3339
from profiles.interests import long_direction, update_interests
from profiles.model import AdoptedModel
from profiles.names import Names
from profiles.policy import Policy
from profiles.row import Rows
from profiles.sayings import Cause, anomaly_fact, anomaly_facts, changed_facts
from profiles.spend import update_spend
from profiles.table import Table
from profiles.wave import Bools, Ints, split_into_waves, start_wave

EXAMPLE_DIMS = 16
"""Dimensions that clusterers learn on: River's cost grows with them (architecture.md)."""


@dataclass(slots=True)
class Outcome:
    """What a batch led to."""

    changes: list[ProfileChanged] = field(default_factory=list)
    anomalies: list[AnomalyChanged] = field(default_factory=list)
    examples: list[tuple[bytes, bytes]] = field(default_factory=list)
    """Profile id and record, for the learner."""
    applied: int = 0
    replayed: int = 0
    """Skipped: this partition or profile had applied them already."""
    resent: int = 0
    """Skipped: ingest had written the same input record before."""
    duplicates: int = 0
    """Skipped: the client's event id was among the profile's recent ones."""
    held_back: int = 0
    """Changes that are true but were not due to be said."""


class Fold:
    """One partition's profiles, and the only code that changes them."""

    def __init__(self, policy: Policy, embedder: str | None = None, partition: int = 0) -> None:
        self.policy = policy
        self.partition = partition
        self.table = Table(policy.dims)
        self.names = Names()
        self.cursor = Cursor()
        self._embedder = embedder

    def apply(self, keys: Sequence[bytes | None], values: Sequence[bytes], offsets: Sequence[int]) -> Outcome:
        """Take the next records of the partition's `activity`, in order. ValueError for records of another layout."""
        outcome = Outcome()
        offset = np.asarray(offsets, dtype=np.int64)
        heads = decode_heads(values, self.policy.dims)
        skip = int(np.searchsorted(offset, self.cursor.applied_through, side="right"))
        outcome.replayed += skip
        controls = [at for at in np.flatnonzero(heads["kind"] != Kind.EVENT).tolist() if at >= skip]
        for control in [*controls, len(values)]:
            self._events(keys[skip:control], values[skip:control], heads[skip:control], offset[skip:control], outcome)
            if control < len(values):
                self._control(heads[control], values[control], int(offset[control]), outcome)
            skip = control + 1
        if len(offset):
            self.cursor.applied_through = max(self.cursor.applied_through, int(offset[-1]))
        return outcome

    def _control(self, head: np.void, value: bytes, offset: int, outcome: Outcome) -> None:
        if head["kind"] == Kind.TICK:
            self._tick(int(head["event_time_ms"]), offset, outcome)
        else:
            self.cursor.model = AdoptedModel.from_record(decode_tail(value, self.policy.dims)[5])

    def _events(
        self,
        keys: Sequence[bytes | None],
        values: Sequence[bytes],
        heads: npt.NDArray[np.void],
        offsets: Ints,
        outcome: Outcome,
    ) -> None:
        """Activities between two controls."""
        fresh = np.flatnonzero(self.cursor.unseen(heads))
        outcome.resent += len(heads) - len(fresh)
        if not len(fresh):
            return
        self._learn_names(values, heads)
        heads, offsets = heads[fresh], offsets[fresh]
        orders = heads[(heads["action"] == Action.PURCHASE) & (heads["line"] == 0) & (heads["order_total"] > 0)]
        if len(orders):
            self.cursor.population.count(orders["order_total"])
        chosen = [values[at] for at in fresh.tolist()]
        places = self.table.places([keys[at] or b"" for at in fresh.tolist()])
        examples: list[tuple[int, bytes, bytes]] = []
        for wave in split_into_waves(places):
            self._wave(wave, places[wave], heads[wave], offsets[wave], chosen, examples, outcome)
        outcome.examples += [(key, record) for _, key, record in sorted(examples)]

    def _wave(
        self,
        at: Ints,
        places: Ints,
        events: npt.NDArray[np.void],
        offsets: Ints,
        values: Sequence[bytes],
        examples: list[tuple[int, bytes, bytes]],
        outcome: Outcome,
    ) -> None:
        """At most one activity of each profile: fold on copies, say what changed, put the copies back."""
        rows = np.take(self.table.rows, places)
        replayed, duplicate = rows["applied"] >= offsets, _is_duplicate(rows, events)
        take = np.flatnonzero(~(replayed | duplicate))
        outcome.replayed += int(replayed.sum())
        outcome.duplicates += int((duplicate & ~replayed).sum())
        outcome.applied += len(take)
        if not len(take):
            return
        if len(take) < len(at):
            at, places, offsets = at[take], places[take], offsets[take]
            rows, events = np.take(rows, take), np.take(events, take)
        wave = start_wave(rows, events, offsets, self.policy)
        wave.rows["applied"] = wave.offsets
        update_interests(wave)
        spend_z = update_spend(wave, self.policy, self.cursor.population)
        update_behaviour(wave, self.policy)
        verdict = anomalies.update_anomalies(wave, spend_z, self.policy)
        found = detect(wave, self.policy, self.names, self.cursor.model)
        outcome.held_back += sum(detection.held_back for detection in found)
        said = np.logical_or.reduce([detection.said for detection in found])
        alarmed = (verdict.raised | verdict.cleared).any(axis=1)
        if said.any() or alarmed.any():
            keys, ids = self._who(at, places, values, said | alarmed)
            outcome.changes += changed_facts(wave, keys, ids, found, self._labels())
            outcome.anomalies += anomaly_facts(wave, keys, ids, verdict, self.policy)
            anomalies.close_cleared(wave.rows, verdict)
            examples += self._examples(wave.rows[said], [keys[i] for i in np.flatnonzero(said)], wave.offsets[said])
        self.table.write(places, wave.rows)

    def _who(
        self, at: Ints, places: Ints, values: Sequence[bytes], named: Bools
    ) -> tuple[list[bytes], list[str | None]]:
        """Profile ids of a wave, and the client's event ids of those about which something is said."""
        keys = [self.table.keys[place] for place in places.tolist()]
        ids: list[str | None] = [None] * len(keys)
        for i in np.flatnonzero(named).tolist():
            ids[i] = decode_tail(values[at[i]], self.policy.dims)[0]
        return keys, ids

    def _examples(self, rows: Rows, keys: list[bytes], offsets: Ints) -> list[tuple[int, bytes, bytes]]:
        """Examples of profiles that changed: activity offset, profile id, record."""
        records = example.encode(
            long_direction(rows, min(EXAMPLE_DIMS, self.policy.dims)),
            partition=self.partition,
            offsets=offsets,
            event_times_ms=rows["seen_ms"],
            versions=rows["version"],
        )
        return list(zip(offsets.tolist(), keys, records, strict=True))

    def _tick(self, time_ms: int, offset: int, outcome: Outcome) -> None:
        """Let time pass: the population's prior is renewed, and anomalies that have decayed are cleared."""
        self.cursor.population.refresh()
        table = self.table
        rows = table.rows[: len(table)]
        places = np.flatnonzero((rows["alarm_s"] != 0).any(axis=1) & (rows["applied"] < offset))
        copies = rows[places]
        verdict = anomalies.pass_time(copies, time_ms, self.policy)
        cause = Cause(time_ms, source_name(source_code("activity", self.partition, offset)), offset)
        named = [Evidence(None, cause.name, rfc3339(time_ms), 0.0)]
        for place, kind, raised in verdict.steps():
            key = table.keys[places[place]]
            outcome.anomalies.append(anomaly_fact(copies[place], key, kind, raised, named, cause, self.policy))
        anomalies.close_cleared(copies, verdict)
        changed = verdict.cleared.any(axis=1)
        copies["applied"] = offset
        table.write(places[changed], copies[changed])

    def _learn_names(self, values: Sequence[bytes], heads: npt.NDArray[np.void]) -> None:
        """Read the texts of topics and brands that are new to the partition, in the order of the log."""
        new: list[tuple[int, int, int]] = []
        for field_, in_tail in (("category", 1), ("brand", 2)):
            digests, first = np.unique(heads[field_], return_index=True)
            for digest, at in zip(digests.tolist(), first.tolist(), strict=True):
                if digest and digest not in self.names.known:
                    new.append((at, in_tail, digest))
        for at, in_tail, digest in sorted(new):
            self.names.learn(digest, decode_tail(values[at], self.policy.dims)[in_tail] or f"#{digest:08x}")

    def _labels(self) -> dict[str, str | None]:
        """What every fact says it was made with."""
        model = self.cursor.model
        return {
            "embedder": self._embedder,
            "clusterer": model.label if model else None,
            "config": self.policy.digest,
        }

    def checkpoint(self) -> tuple[list[tuple[bytes, bytes]], bytes]:
        """State records touched since the last call (names, then profiles), and the cursor to write after them."""
        names = [(NAME_PREFIX + b"%08x" % digest, self.names.known[digest].encode()) for digest in self.names.unsaved]
        self.names.unsaved.clear()
        return names + self.table.take_touched(), self.cursor.encode()

    def restore(self, items: Sequence[tuple[bytes, bytes]]) -> None:
        """Load state records of a partition, in any order but later ones of a key over earlier ones."""
        profiles = []
        for key, value in items:
            if key == CURSOR_KEY:
                self.cursor = Cursor.decode(value)
            elif key.startswith(NAME_PREFIX):
                self.names.known[int(key[len(NAME_PREFIX) :], 16)] = value.decode()
            else:
                profiles.append((key, value))
        if profiles:
            self.table.restore(profiles)


def _is_duplicate(rows: Rows, events: npt.NDArray[np.void]) -> Bools:
    """Where the client's event id is among the profile's recent ones."""
    digests = events["event_digest"]
    duplicate: Bools = (rows["event_ids"] == short_digests(digests)[:, None]).any(axis=1) & (digests != 0)
    return duplicate
