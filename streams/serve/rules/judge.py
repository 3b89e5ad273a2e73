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
from liveprofile.streams.serve.rules.features import Json, is_age, ms_of, readers, unit_days

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


class SnapshotJudge:
    """Rules on snapshots."""

    def __init__(self, rules: RuleSet, policy: Policy) -> None:
        self.rules = rules
        self._readers = readers(rules.lowered)
        self._half_life_s = policy.decay.half_life_s
        self.missing = self._missing()
        """What snapshots lack, by `lifecycle` or `segments/NAME`: the features that the rule compares."""

    def judge(self, snapshots: Sequence[Json], now_ms: int) -> list[Judged]:
        """Every snapshot as of `now_ms`, or of its newest event if that is later."""
        values = {place: self._column(place, snapshots, now_ms) for place in self._readers}
        states = self._states(values, snapshots)
        self._move_into(states, values, snapshots)
        members = self._members(values, snapshots, now_ms)
        return [
            Judged(frozenset(name for name, inside in members.items() if inside[at]), state)
            for at, state in enumerate(states)
        ]

    def _missing(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for program, codes in self.rules.programs.items():
            what, _, name = program.partition("/")
            rule = "lifecycle" if what == "lifecycle" else f"segments/{name}"
            places = {self.rules.lowered.atoms[code].place for code in codes if code >= 0}
            lacking = sorted(self.rules.lowered.feature_name(one) for one in places - self._readers.keys())
            found[rule] = sorted({*found.get(rule, ()), *lacking})
        return {rule: lacking for rule, lacking in found.items() if lacking}

    def _column(self, place: int, snapshots: Sequence[Json], now_ms: int) -> Numbers:
        """A feature of all snapshots at the moment."""
        raw = np.array([self._readers[place](one) for one in snapshots], np.float64)
        seen_ms = np.array([ms_of(one.get("last_seen")) for one in snapshots], np.float64)
        at_ms = np.maximum(seen_ms, now_ms)
        if is_age(place):
            units = np.array([unit_days(place, one) for one in snapshots]) * DAY_MS
            return np.where(raw != 0.0, np.maximum(at_ms - raw, 0.0) / units, NEVER_DAYS)
        scale = _SCALE_OF.get(FEATURES[place].kind) if place < len(FEATURES) else None
        if scale is None:
            return raw
        return raw * np.exp2(-(at_ms - seen_ms) / (self._half_life_s[scale] * 1000.0))

    def _states(self, values: Mapping[int, Numbers], snapshots: Sequence[Json]) -> list[str | None]:
        """The first state with a rule that holds, else the present one."""
        states = [((one.get("lifecycle") or {}).get("state")) for one in snapshots]
        if "lifecycle" in self.missing:
            return states
        for rule in reversed(self.rules.file.lifecycle):
            holds = self._run(f"lifecycle/{rule.name}", values, len(snapshots))
            states = [rule.name if one else was for one, was in zip(holds.tolist(), states, strict=True)]
        return states

    def _move_into(self, states: Sequence[str | None], values: dict[int, Numbers], snapshots: Sequence[Json]) -> None:
        """Segments are judged in the new state, which begins now."""
        before = [((one.get("lifecycle") or {}).get("state")) for one in snapshots]
        moved = np.array([one != was for one, was in zip(states, before, strict=True)], np.bool_)
        names = self.rules.lowered.states
        if (place := PLACE[STATE]) in values:
            values[place] = np.array([float(names.index(one)) if one in names else 0.0 for one in states])
        if (place := PLACE["lifecycle.days"]) in values:
            values[place] = np.where(moved, 0.0, values[place])

    def _members(
        self, values: Mapping[int, Numbers], snapshots: Sequence[Json], now_ms: int
    ) -> dict[str, Truths]:
        """Members by segment."""
        found: dict[str, Truths] = {}
        for rule in self.rules.file.segment:
            if f"segments/{rule.name}" in self.missing:
                continue
            enter = self._run(f"enter/{rule.name}", values, len(snapshots))
            leave = self._run(f"exit/{rule.name}", values, len(snapshots)) if rule.exit else ~enter
            since = [_since_ms(one, rule.name) for one in snapshots]
            inside = np.array([one is not None for one in since], np.bool_)
            over = np.array([now_ms >= (one or 0.0) + stay_ms(rule) for one in since], np.bool_)
            refused = np.array([rule.name in (one.get("segments_refused") or ()) for one in snapshots], np.bool_)
            found[rule.name] = ~refused & np.where(inside, ~(leave & over), enter)
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


def _since_ms(snapshot: Json, name: str) -> float | None:
    """Since when a profile is in a segment; None if it is not."""
    return next((ms_of(one.get("since")) for one in snapshot.get("segments") or () if one.get("name") == name), None)
