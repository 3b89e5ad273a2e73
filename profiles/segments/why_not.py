"""Why a profile is not in a segment: the comparisons that fail, and how far the profile is from each rule.

A rule is a program of comparisons. The cheapest set of comparisons that would have to turn for the rule to hold is
found bottom up: all sides of `and` have to hold, and the nearest side of `or`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import inf

import numpy as np

from liveprofile.profiles.facts.wording import number
from liveprofile.profiles.kernel.detections import DETECTION, MOST_PER_EVENT
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.segments.features import ANOMALY, FEATURES, NEVER_DAYS
from liveprofile.profiles.segments.lowered import (
    AND,
    AT_LEAST,
    AT_MOST,
    EQUAL,
    LESS,
    MORE,
    NOT,
    NOT_EQUAL,
    SIGNS,
    Lowered,
)
from liveprofile.profiles.segments.preview import _judge_all
from liveprofile.profiles.segments.rules import RuleSet
from liveprofile.profiles.state.row import Rows
from liveprofile.profiles.traits.trait import AGE

EACH = 0.1
"""Cost of a comparison that fails by next to nothing: of two rules that are equally far, the one with fewer is nearer.
The rest of a cost, up to 0.9, grows with the distance."""
SHARES = ("share", "probability")
"""Units of features between 0 and 1."""
OPPOSITE = {LESS: AT_LEAST, AT_LEAST: LESS, MORE: AT_MOST, AT_MOST: MORE, EQUAL: NOT_EQUAL, NOT_EQUAL: EQUAL}


@dataclass(frozen=True, slots=True)
class Need:
    """A comparison that does not hold, and would have to."""

    comparison: str
    """In the syntax of rules, such as `orders == 1`."""
    observed: str
    """The value of its feature now, in words."""

    @property
    def words(self) -> str:
        """As the middle of a sentence.

        >>> Need("orders == 1", "0").words
        'orders == 1, it is 0'
        """
        return f"{self.comparison}, it is {self.observed}"


@dataclass(frozen=True, slots=True)
class NotIn:
    """A segment that a profile is not in."""

    segment: str
    rule: str
    """The whole condition of its `enter`."""
    needs: tuple[Need, ...]
    """What would have to hold for it to be entered; empty if all of that holds."""
    distance: float
    """0 for a rule that holds, infinite for one that never can; grows with the number and the distance of `needs`."""
    refused: bool = False
    """The person refused the segment, so no rule can bring them in."""

    @property
    def words(self) -> str:
        """As the end of a sentence.

        >>> NotIn("first-order", "orders == 1", (Need("orders == 1", "0"),), 1.0).words
        'first-order, needs orders == 1, it is 0'
        """
        if self.refused:
            return f"{self.segment}, the shopper refused it"
        if self.distance == inf:
            return f"{self.segment}, comparisons of its rule contradict each other"
        if not self.needs:
            return f"{self.segment}, its rule holds now: it is entered when the profile is next evaluated"
        return f"{self.segment}, needs {' and '.join(one.words for one in self.needs)}"


@dataclass(frozen=True, slots=True)
class _Flips:
    """The cheapest comparisons to turn so that an expression gets one truth."""

    cost: float
    atoms: tuple[tuple[int, bool], ...]
    """Places of atoms, each with the truth that it would need."""


_IMPOSSIBLE = _Flips(inf, ())
MOST_TRIED = 12
"""Comparisons of a rule of which all combinations are tried."""


def why_not(rows: Rows, time_ms: int, rules: Rules, rule_set: RuleSet) -> list[NotIn]:
    """All segments that one profile, rows (1,), is not in at `time_ms`, the nearest first."""
    judged = rows.copy()
    _judge_all(judged, time_ms, rules, rule_set.compiled_rules, np.zeros(MOST_PER_EVENT, DETECTION))
    values, truths = rule_set.compiled_rules.value.tolist(), rule_set.compiled_rules.truth.tolist()
    inside, refused = set(rule_set.segment_names(int(rows["member"][0]))), int(rows["refused"][0])
    found = []
    for one in rule_set.file.segment:
        if one.name not in inside:
            flips = _cheapest(rule_set.programs[f"enter/{one.name}"], rule_set.lowered, values, truths)
            needs = _needs(rule_set.lowered, flips.atoms, values)
            is_refused = bool(refused >> rule_set.slots[one.name] & 1)
            found.append(NotIn(one.name, " ".join(one.enter.split()), needs, flips.cost, is_refused))
    return sorted(found, key=lambda one: (one.refused, one.distance))


def _cheapest(program: Sequence[int], lowered: Lowered, values: Sequence[float], truths: Sequence[bool]) -> _Flips:
    """What would have to turn for a program, in postfix order, to be true; `_IMPOSSIBLE` where nothing does.

    A comparison that a rule has twice may be needed both ways bottom up; then all combinations of a short rule are
    tried.
    """
    flips = _bottom_up(program, lowered, values, truths)
    if _holds(program, {**dict(enumerate(truths)), **dict(flips.atoms)}):
        return flips
    atoms = sorted({code for code in program if code >= 0})
    if len(atoms) > MOST_TRIED:
        return _IMPOSSIBLE
    tried = (some for count in range(1, len(atoms) + 1) for some in combinations(atoms, count))
    found = (
        _Flips(sum(_cost(lowered, at, values) for at in some), tuple((at, not truths[at]) for at in some))
        for some in tried
        if _holds(program, {at: truths[at] != (at in some) for at in atoms})
    )
    return min(found, key=lambda one: one.cost, default=_IMPOSSIBLE)


def _holds(program: Sequence[int], truths: Mapping[int, bool]) -> bool:
    """Whether a program is true."""
    stack: list[bool] = []
    for code in program:
        if code >= 0:
            stack.append(truths[code])
        elif code == NOT:
            stack.append(not stack.pop())
        else:
            right, left = stack.pop(), stack.pop()
            stack.append(left and right if code == AND else left or right)
    return stack.pop()


def _bottom_up(program: Sequence[int], lowered: Lowered, values: Sequence[float], truths: Sequence[bool]) -> _Flips:
    """The nearest side of every `or`, and both sides of every `and`."""
    stack: list[tuple[_Flips, _Flips]] = []  # to be true, to be false
    for code in program:
        if code == NOT:
            stack.append(stack.pop()[::-1])
        elif code >= 0:
            turned = _Flips(_cost(lowered, code, values), ((code, not truths[code]),))
            still = _Flips(0.0, ())
            stack.append((still, turned) if truths[code] else (turned, still))
        else:
            (right_true, right_false), (left_true, left_false) = stack.pop(), stack.pop()
            if code == AND:
                stack.append((_both(left_true, right_true), _nearer(left_false, right_false)))
            else:
                stack.append((_nearer(left_true, right_true), _both(left_false, right_false)))
    return stack.pop()[0]


def _both(left: _Flips, right: _Flips) -> _Flips:
    atoms = dict([*left.atoms, *right.atoms])
    return _Flips(left.cost + right.cost, tuple(atoms.items()))


def _nearer(left: _Flips, right: _Flips) -> _Flips:
    return min(left, right, key=lambda one: one.cost)


def _cost(lowered: Lowered, at: int, values: Sequence[float]) -> float:
    """How far a comparison is from turning, between `EACH` and 1: names are either the same or not.

    Distances are relative, and of counts and durations also absolute: one order is nearer than forty views. A time
    since what never happened is not far, because it begins with that.
    """
    place, _, constant = lowered.atoms[at]
    if lowered.value_name(place, constant) is not None:
        return 1.0
    value = values[place]
    size, gap = max(abs(value), abs(constant)), abs(value - constant)
    if not size or _is_never(place, value):
        return EACH
    is_share = place >= len(FEATURES) or FEATURES[place].unit in SHARES
    return EACH + (1.0 - EACH) * min(gap / size, 1.0) * (1.0 if is_share else gap / (1.0 + gap))


def _needs(lowered: Lowered, atoms: Sequence[tuple[int, bool]], values: Sequence[float]) -> tuple[Need, ...]:
    """In words; without times since what never happened, if what has to happen is named."""
    places = {at: lowered.atoms[at].place for at, _ in atoms}
    dated = [(at, wanted) for at, wanted in atoms if not _is_never(places[at], values[places[at]])]
    return tuple(_need(lowered, at, wanted, values) for at, wanted in dated or atoms)


def _is_never(place: int, value: float) -> bool:
    return place < len(FEATURES) and FEATURES[place].kind == AGE and value >= NEVER_DAYS


def _need(lowered: Lowered, at: int, wanted: bool, values: Sequence[float]) -> Need:
    place, _, constant = lowered.atoms[at]
    return Need(_comparison(lowered, at, wanted), _observed(lowered, place, constant, values[place]))


def _comparison(lowered: Lowered, at: int, wanted: bool) -> str:
    """An atom in the syntax of rules; its opposite where it must not hold."""
    place, operator, constant = lowered.atoms[at]
    if place >= len(FEATURES) and lowered.lookups[place - len(FEATURES)].what == ANOMALY:
        is_open = wanted == (bool(constant) == (operator == EQUAL))
        return f"{'' if is_open else 'not '}{lowered.feature_name(place)}"
    sign = SIGNS[operator if wanted else OPPOSITE[operator]]
    return f"{lowered.feature_name(place)} {sign} {lowered.constant_words(place, constant)}"


def _observed(lowered: Lowered, place: int, constant: float, value: float) -> str:
    """The value of a feature: a name, a number, or that there never was such a moment."""
    if lowered.value_name(place, constant) is not None:
        return lowered.constant_words(place, value)
    return "never" if _is_never(place, value) else number(value)
