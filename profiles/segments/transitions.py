"""The next moment at which a rule may change its verdict by time alone, in closed form, to the millisecond."""

import numpy as np

from liveprofile.profiles.kernel.context import CompiledRules
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.exact import log2, remaining
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.segments.feature_values import age
from liveprofile.profiles.segments.features import KINDS
from liveprofile.profiles.segments.judge import holds, stay_until_ms
from liveprofile.profiles.state.row import Row
from liveprofile.profiles.traits.trait import AGE, DECAY

NEVER = 1 << 62
"""The value for no moment, epoch milliseconds."""
LOG2_ERROR = 4e-9
"""Twice the absolute error of `exact.log2`, and of values derived from it."""
MARGIN_MS = 2
"""Rounding of an age."""


@compiled
def next_verdict_ms(row: Row, after_ms: int, rules: Rules, compiled_rules: CompiledRules) -> int:
    """The first moment after `after_ms`, the last evaluation, at which an atom changes or a minimum stay ends.

    An age reaches c at its beginning plus c units; a decaying value v falls to c after h log2(v / c).
    """
    best, seen_ms = _next_end_ms(row, after_ms, compiled_rules), row.seen_ms
    raw, value, units, truth = compiled_rules.raw, compiled_rules.value, compiled_rules.unit_ms, compiled_rules.truth
    places, operators, constants, timed = (
        compiled_rules.atom_place,
        compiled_rules.atom_operator,
        compiled_rules.atom_constant,
        compiled_rules.timed,
    )
    for at in range(len(timed)):
        atom = timed[at]
        place, constant = places[atom], constants[atom]
        kind = KINDS[place]
        if kind == AGE:
            if raw[place] == 0.0 or value[place] > constant:
                continue
            unit, margin = units[place], MARGIN_MS
            guess = raw[place] + constant * unit
        else:
            if constant <= 0.0 or value[place] < constant:
                continue
            unit = rules.decay_half_life_s[kind - DECAY]
            guess, margin = seen_ms + unit * 1000.0 * log2(raw[place] / constant), 2 + int(unit * 1000.0 * LOG2_ERROR)
        if guess - margin < best:
            turn = _turn_ms(
                raw[place], kind, unit, seen_ms, after_ms, int(guess), margin, operators[atom], constant, truth[atom]
            )
            best = min(turn, best)
    return best


@compiled
def _next_end_ms(row: Row, after_ms: int, compiled_rules: CompiledRules) -> int:
    """The first end of a minimum stay that delays an exit."""
    best = NEVER
    slots, stays, verdict, states = (
        compiled_rules.slot,
        compiled_rules.stay_ms,
        compiled_rules.verdict,
        len(compiled_rules.state),
    )
    for at in range(len(slots)):
        if row.member >> np.uint64(slots[at]) & np.uint64(1) and stays[at] > 0 and verdict[states + 2 * at + 1]:
            ends = stay_until_ms(row.member_s[slots[at]], stays[at])
            if after_ms < ends < best:
                best = ends
    return best


@compiled
def _turn_ms(
    raw: float,
    kind: int,
    unit: float,
    seen_ms: int,
    after_ms: int,
    guess_ms: int,
    margin_ms: int,
    operator: int,
    constant: float,
    truth: bool,
) -> int:
    """The first millisecond at which an atom differs from `truth`, near an estimate with the error `margin_ms`."""
    low, high = max(after_ms, guess_ms - margin_ms), max(after_ms, guess_ms + margin_ms) + 1
    if holds(_value_at(raw, kind, unit, seen_ms, low), operator, constant) != truth:
        low = after_ms
    if holds(_value_at(raw, kind, unit, seen_ms, high), operator, constant) == truth:
        return NEVER
    while high - low > 1:
        middle = (low + high) // 2
        if holds(_value_at(raw, kind, unit, seen_ms, middle), operator, constant) != truth:
            high = middle
        else:
            low = middle
    return high


@compiled
def _value_at(raw: float, kind: int, unit: float, seen_ms: int, time_ms: int) -> float:
    """A feature at `time_ms`: the same number, to the bit, as from `feature_values.move_features`."""
    return age(raw, time_ms, unit) if kind == AGE else raw * remaining(time_ms - seen_ms, unit)
