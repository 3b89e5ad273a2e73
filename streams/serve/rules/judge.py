"""Judges snapshots by rules: many at once, column by column, as the fold judges rows one by one.

Values are as published, so rounded; they are moved to the moment of the judgement as the fold moves its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.segments.features import DAY_MS, FEATURES, NEVER_DAYS, PLACE
from liveprofile.profiles.segments.lowered import AND, AT_LEAST, AT_MOST, EQUAL, LESS, MORE, NOT, NOT_EQUAL, STATE
from liveprofile.profiles.segments.rules import RuleSet, stay_ms
from liveprofile.profiles.traits.trait import LONG, SESSION, SHORT
from liveprofile.streams.serve.rules.features import Json, Read, is_age, ms_of, readers, unit_days

Numbers = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]
_SCALE_OF = {SESSION: "session", SHORT: "short", LONG: "long"}
_COMPARE = {
    LESS: np.less,
    AT_MOST: np.less_equal,
    MORE: np.greater,
    AT_LEAST: np.greater_equal,
    EQUAL: np.equal,
    NOT_EQUAL: np.not_equal,
}


@dataclass(frozen=True, slots=True)
class Judged:
    """Where one profile would be, by names; only of rules that can be tried."""

    segments: frozenset[str]
    state: str | None
    """None where no state has a rule that holds, or the lifecycle cannot be tried."""


class Chunk:
    """Some snapshots at a moment, with columns that several rule sets share."""

    def __init__(self, snapshots: Sequence[Json], now_ms: int, policy: Policy) -> None:
        """Each is judged as of `now_ms`, or of its newest event if that is later."""
        self.snapshots = snapshots
        self.seen_ms = np.array([ms_of(one.get("last_seen")) for one in snapshots], np.float64)
        self.at_ms = np.maximum(self.seen_ms, now_ms)
        self.states = [(one.get("lifecycle") or {}).get("state") for one in snapshots]
        self.since = [{one.get("name"): one.get("since") for one in some.get("segments") or ()} for some in snapshots]
        self.refused = [frozenset(one.get("segments_refused") or ()) for one in snapshots]
        self._half_life_s = policy.decay.half_life_s
        self._columns: dict[object, Numbers] = {}

    def column(self, place: int, key: object, read: Read) -> Numbers:
        """A feature of all of them at the moment; `key` names what `read` reads."""
        if (known := self._columns.get(key)) is None:
            raw = np.array([read(one) for one in self.snapshots], np.float64)
            known = self._columns[key] = self._moved(place, raw)
        return known

    def _moved(self, place: int, raw: Numbers) -> Numbers:
        """From the newest event to the moment."""
        if is_age(place):
            units = np.array([unit_days(place, one) for one in self.snapshots]) * DAY_MS
            return np.where(raw != 0.0, np.maximum(self.at_ms - raw, 0.0) / units, NEVER_DAYS)
        scale = _SCALE_OF.get(FEATURES[place].kind) if place < len(FEATURES) else None
        if scale is None:
            return raw
        return raw * np.exp2((self.seen_ms - self.at_ms) / (self._half_life_s[scale] * 1000.0))


class SnapshotJudge:
    """Rules on snapshots."""

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self._readers = readers(rules.lowered)
        self.missing = self._missing()
        """What snapshots lack, by `lifecycle` or `segments/NAME`: the features that the rule compares."""

    def judge(self, chunk: Chunk) -> list[Judged]:
        """Every snapshot of a chunk."""
        values = {place: self.column(place, chunk) for place in self._readers}
        states = self._states(values, chunk)
        self._move_into(states, values, chunk)
        members = self._members(values, chunk)
        return [
            Judged(frozenset(name for name, inside in members.items() if inside[at]), state)
            for at, state in enumerate(states)
        ]

    def column(self, place: int, chunk: Chunk) -> Numbers:
        """A feature of all snapshots of a chunk."""
        lowered = self.rules.lowered
        name = lowered.feature_name(place)
        return chunk.column(place, (name, lowered.states) if name == STATE else name, self._readers[place])

    def _missing(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for program, codes in self.rules.programs.items():
            what, _, name = program.partition("/")
            rule = "lifecycle" if what == "lifecycle" else f"segments/{name}"
            places = {self.rules.lowered.atoms[code].place for code in codes if code >= 0}
            lacking = sorted(self.rules.lowered.feature_name(one) for one in places - self._readers.keys())
            found[rule] = sorted({*found.get(rule, ()), *lacking})
        return {rule: lacking for rule, lacking in found.items() if lacking}

    def _states(self, values: Mapping[int, Numbers], chunk: Chunk) -> list[str | None]:
        """The first state with a rule that holds, else the present one."""
        states = list(chunk.states)
        if "lifecycle" in self.missing:
            return states
        for rule in reversed(self.rules.file.lifecycle):
            holds = self._run(f"lifecycle/{rule.name}", values, len(states))
            states = [rule.name if one else was for one, was in zip(holds.tolist(), states, strict=True)]
        return states

    def _move_into(self, states: Sequence[str | None], values: dict[int, Numbers], chunk: Chunk) -> None:
        """Segments are judged in the new state, which begins now."""
        moved = np.array([one != was for one, was in zip(states, chunk.states, strict=True)], np.bool_)
        names = self.rules.lowered.states
        if (place := PLACE[STATE]) in values:
            values[place] = np.array([float(names.index(one)) if one in names else 0.0 for one in states])
        if (place := PLACE["lifecycle.days"]) in values:
            values[place] = np.where(moved, 0.0, values[place])

    def _members(self, values: Mapping[int, Numbers], chunk: Chunk) -> dict[str, Truths]:
        """Members by segment."""
        found: dict[str, Truths] = {}
        for rule in self.rules.file.segment:
            if f"segments/{rule.name}" in self.missing:
                continue
            enter = self._run(f"enter/{rule.name}", values, len(chunk.since))
            leave = self._run(f"exit/{rule.name}", values, len(chunk.since)) if rule.exit else ~enter
            inside = np.array([rule.name in one for one in chunk.since], np.bool_)
            if rule.stay:
                since_ms = np.array([ms_of(one.get(rule.name)) for one in chunk.since], np.float64)
                leave = leave & (chunk.at_ms >= since_ms + stay_ms(rule))
            refused = np.array([rule.name in one for one in chunk.refused], np.bool_)
            found[rule.name] = ~refused & np.where(inside, ~leave, enter)
        return found

    def _run(self, program: str, values: Mapping[int, Numbers], count: int) -> Truths:
        """The truth of a program for all snapshots."""
        stack: list[Truths] = []
        for code in self.rules.programs[program]:
            if code >= 0:
                place, operator, constant = self.rules.lowered.atoms[code]
                stack.append(_COMPARE[operator](values[place], constant))
            elif code == NOT:
                stack.append(~stack.pop())
            else:
                right, left = stack.pop(), stack.pop()
                stack.append(left & right if code == AND else left | right)
        return stack.pop() if stack else np.zeros(count, np.bool_)
