"""Rules that were published, and which moves of profiles an edit of the rules caused.

A fact says by its origin that time caused it, and not whether that was a timer or an edit. Workers apply an edit to all
profiles of a partition at one record of `activity`, which the facts name as their cause. So the first cause in a
partition that stands under new rules, near the time of their publication, is the edit; others are timers.
"""

from typing import Literal

import msgspec

from liveprofile.profiles.segments.rules import read_file, starter
from liveprofile.streams.contract.rule_publications import RulesPublished
from liveprofile.streams.serve.store.database import Database, Writes
from liveprofile.streams.serve.store.flows import names_of
from liveprofile.streams.serve.store.keys import Kind, of_number, of_profile
from liveprofile.streams.serve.store.row import epoch_ms

NEAR_MS = 60_000
"""Clocks of publisher, broker and workers may be so far apart."""
Cause = Literal["event", "time", "rules", "person"]
"""What a move was caused by: an event of the shopper, time, an edit of the rules, the shopper's own word."""
_BY_ORIGIN: dict[str, Cause] = {"timer": "time", "feedback": "person"}
_PUBLISHED = msgspec.json.Decoder(RulesPublished)


def cause_of(origin: str, rules: str | None) -> Cause:
    """What a move was caused by; `rules` are those whose edit it was, None if it was none.

    >>> cause_of("live", None), cause_of("timer", None), cause_of("timer", "mine@2")
    ('event', 'time', 'rules')
    """
    return "rules" if rules is not None else _BY_ORIGIN.get(origin, "event")


class Publications:
    """Publications in their order, with the edits that workers have applied."""

    def __init__(self, database: Database) -> None:
        """Rebuilt from the store."""
        self._database = database
        self._all: dict[bytes, RulesPublished] = {}
        for _, value in database.scan(Kind.RULES.value):
            key, _, record = value.partition(b"\0")
            self._all[key] = _PUBLISHED.decode(record)
        self._touched: dict[str, frozenset[str] | None] = {}
        self._edits = {key[1:]: value for key, value in database.scan(Kind.EDIT.value)}

    def all(self) -> list[RulesPublished]:
        """The oldest first."""
        return list(self._all.values())

    def last(self) -> RulesPublished | None:
        """The newest one; None where none is known."""
        found = self.all()
        return found[-1] if found else None

    def put(self, key: bytes, offset: int, value: bytes | None, writes: Writes) -> None:
        """A record of the topic. msgspec.MsgspecError for one that cannot be read."""
        if value is None:  # a publisher took it back, since another one was first
            self._all.pop(key, None)
            for at, stored in self._database.scan(Kind.RULES.value):
                if stored.startswith(key + b"\0"):
                    writes.delete(at)
            return
        self._touched.clear()
        self._all[key] = _PUBLISHED.decode(value)
        writes.put(of_number(Kind.RULES, offset), key + b"\0" + value)

    def touches(self, label: str, path: str, before: object, after: object) -> bool:
        """Whether rules changed the rule of what was entered or left, against the rules that they replaced.

        An edit has every profile judged at once, so also moves are published that were due by other rules.
        """
        if label not in self._touched:
            self._touched[label] = self._changed_by(label)
        changed = self._touched[label]
        if changed is None:
            return True
        moved = set(names_of(before)) ^ set(names_of(after))
        return path in changed or any(f"{path}/{name}" in changed for name in moved)

    def is_edit(self, origin: str, label: str, time_ms: int, causation: str, writes: Writes) -> bool:
        """Whether a fact under the rules `label` was published since they were put in force.

        `causation` names its record of `activity`.
        """
        if cause_of(origin, None) != "time" or not causation:
            return False
        place, _, offset = causation.rpartition("/")
        key = f"{label}\0{place}".encode()
        known = self._edits.get(key)
        if known is None:
            if not self._is_near(label, time_ms):
                return False
            known = self._edits[key] = offset.encode()
            writes.put(Kind.EDIT.value + key, known)
        return known == offset.encode()

    def mark(self, profile_id: bytes, version: int, label: str, writes: Writes) -> None:
        """Remember that a version of a profile is the effect of an edit."""
        writes.put(of_profile(Kind.EDITED, profile_id) + version.to_bytes(4, "big"), label.encode())

    def edited(self, profile_id: bytes) -> dict[int, str]:
        """The versions of a profile that are effects of edits, each with the rules."""
        scanned = self._database.scan(of_profile(Kind.EDITED, profile_id))
        return {int.from_bytes(key[-4:], "big"): value.decode() for key, value in scanned}

    def forget(self, profile_id: bytes, writes: Writes) -> None:
        """Everything about a profile."""
        writes.delete_prefix(of_profile(Kind.EDITED, profile_id))

    def _changed_by(self, label: str) -> frozenset[str] | None:
        """The rules that are not as they were, `lifecycle` for any of its states; None where that is not known."""
        published = next((one for one in reversed(self.all()) if one.rules == label), None)
        former = next((one for one in self.all() if published and one.rules == published.replaces), None)
        if published is None or (former is None and published.replaces != starter().label):
            return None
        was, will = read_file(former.toml if former else str(starter().record["toml"])), read_file(published.toml)
        changed = {f"segments/{one.name}" for one in (*was.segment, *will.segment) if one not in was.segment}
        changed |= {f"segments/{one.name}" for one in was.segment if one not in will.segment}
        if was.lifecycle != will.lifecycle:
            by_state = {one.name for one in will.segment if "lifecycle." in one.enter + one.exit}
            changed |= {"lifecycle", *(f"segments/{name}" for name in by_state)}
        return frozenset(changed)

    def _is_near(self, label: str, time_ms: int) -> bool:
        return any(one.rules == label and abs(epoch_ms(one.time) - time_ms) <= NEAR_MS for one in self.all())
