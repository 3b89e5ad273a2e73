"""Judges a profile by the rules in force: its lifecycle state, and the segments that it enters and leaves."""

from typing import Any

import numpy as np

from liveprofile.profiles.kernel.context import CompiledRules, Flags, Floats, Ints
from liveprofile.profiles.kernel.detections import VALUE, Detections
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.epoch import epoch_s
from liveprofile.profiles.numeric.exact import remaining
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.segments.feature_values import move_features, read_features
from liveprofile.profiles.segments.lowered import AND, AT_LEAST, AT_MOST, EQUAL, LESS, MORE, NOT
from liveprofile.profiles.state.row import LONG, PATHS, SEGMENTS, SESSION, SHORT, TOPICS_PUBLISHED, Row

ACCEPT, REFUSE = int(Action.ACCEPT), int(Action.REFUSE)
LIFECYCLE_PATH, SEGMENTS_PATH = PATHS.index("lifecycle"), PATHS.index("segments")
ATOM = 0
"""Place in a detection's `signals`: the atom that decided, or one of these two."""
BY_PERSON = -1
"""In place of an atom: the person refused the tag."""
ENTERS, LEAVES, SENT_AWAY = 1, 2, 3
UNDECIDED = -2
"""No atom decided: the rules were edited."""


@compiled
def apply_feedback(row: Row, event: Row, compiled_rules: CompiledRules) -> None:
    """Update the segments that the person refuses."""
    if event.action != ACCEPT and event.action != REFUSE:
        return
    for at in range(len(compiled_rules.slot)):
        if compiled_rules.name[at] == event.subject:
            bit = np.uint64(1) << np.uint64(compiled_rules.slot[at])
            row.refused = row.refused | bit if event.action == REFUSE else row.refused & ~bit


@compiled
def judge_segments(
    row: Row, time_ms: int, rules: Rules, compiled_rules: CompiledRules, detections: Detections, count: int
) -> int:
    """Record the changes up to `time_ms`; returns the number of detections."""
    _run_rules(row, time_ms, rules, compiled_rules)
    at = _first_state(compiled_rules.state, compiled_rules.verdict)
    if at >= 0 and compiled_rules.state[at] != row.lifecycle:
        _record(
            detections[count],
            LIFECYCLE_PATH,
            int(row.lifecycle),
            int(compiled_rules.state[at]),
            decider(at, compiled_rules),
            compiled_rules,
        )
        row.lifecycle, row.lifecycle_s = compiled_rules.state[at], epoch_s(time_ms)
        count += 1
        _run_rules(row, time_ms, rules, compiled_rules)
    if row.rules != compiled_rules.version:
        count = _drop_removed(row, compiled_rules, detections, count)
    if _any_moves(
        row, time_ms, compiled_rules.slot, compiled_rules.stay_ms, compiled_rules.verdict, len(compiled_rules.state)
    ):
        count = _judge_members(row, time_ms, compiled_rules, detections, count)
    row.rules, row.judged_ms = compiled_rules.version, time_ms
    return count


@compiled
def _run_rules(row: Row, time_ms: int, rules: Rules, compiled_rules: CompiledRules) -> None:
    """Fill `tags` with features, truths and verdicts as of `time_ms`."""
    raw, value, units, truth = compiled_rules.raw, compiled_rules.value, compiled_rules.unit_ms, compiled_rules.truth
    read_features(row, compiled_rules.read[0], raw, units, compiled_rules.lookup)
    session, short, long = 1.0, 1.0, 1.0
    if time_ms > row.seen_ms:
        session = remaining(time_ms - row.seen_ms, rules.decay_half_life_s[SESSION])
        short = remaining(time_ms - row.seen_ms, rules.decay_half_life_s[SHORT])
        long = remaining(time_ms - row.seen_ms, rules.decay_half_life_s[LONG])
    move_features(time_ms, session, short, long, raw, value, units)
    judge_atoms(compiled_rules.atom_place, compiled_rules.atom_operator, compiled_rules.atom_constant, value, truth)
    run_programs(compiled_rules.code, compiled_rules.start, truth, compiled_rules.verdict)


@compiled
def _first_state(states: Ints, verdict: Flags) -> int:
    """The first lifecycle state with a rule that holds; -1 for none."""
    for at in range(len(states)):
        if verdict[at]:
            return at
    return -1


@compiled
def judge_atoms(place: Ints, operator: Ints, constant: Floats, value: Floats, truth: Flags) -> None:
    """Compare each atom's feature with its constant."""
    for at in range(len(place)):
        truth[at] = holds(value[place[at]], operator[at], constant[at])


@compiled
def holds(value: float, operator: int, constant: float) -> bool:
    """Whether an atom is true."""
    if operator == LESS:
        return value < constant
    if operator == AT_MOST:
        return value <= constant
    if operator == MORE:
        return value > constant
    if operator == AT_LEAST:
        return value >= constant
    return (value == constant) == (operator == EQUAL)


@compiled
def run_programs(code: Ints, start: Ints, truth: Flags, verdict: Flags) -> None:
    """The verdict of each program; an empty one is the negation of the one before it."""
    for program in range(len(verdict)):
        begin, end = start[program], start[program + 1]
        verdict[program] = run(code, begin, end, truth, -1) if end > begin else not verdict[program - 1]


@compiled
def run(code: Ints, begin: int, end: int, truth: Flags, flipped: int) -> bool:
    """Whether a program is true, with the atom `flipped` (-1 for none) negated.

    The stack is one number: its lowest bit is the top of the stack.
    """
    stack = 0
    for at in range(begin, end):
        one = code[at]
        if one >= 0:
            stack = stack << 1 | (truth[one] != (one == flipped))
        elif one == NOT:
            stack ^= 1
        else:
            last, stack = stack & 1, stack >> 1
            stack = stack & ~1 | (stack & last & 1 if one == AND else (stack | last) & 1)
    return stack & 1 == 1


@compiled
def decider(program: int, compiled_rules: CompiledRules) -> int:
    """The atom nearest to its threshold among those that alone would flip a program; else among all its atoms.

    -2 (`UNDECIDED`) for a program without atoms. Nearness is relative, so days and shares are comparable.
    """
    program -= compiled_rules.start[program] == compiled_rules.start[program + 1]
    best, nearest, alone = UNDECIDED, 0.0, False
    begin, end = compiled_rules.start[program], compiled_rules.start[program + 1]
    for at in range(begin, end):
        atom = compiled_rules.code[at]
        if atom < 0:
            continue
        turns = run(compiled_rules.code, begin, end, compiled_rules.truth, atom) != compiled_rules.verdict[program]
        value, constant = compiled_rules.value[compiled_rules.atom_place[atom]], compiled_rules.atom_constant[atom]
        off = abs(value - constant) / max(abs(constant), 1e-9)
        if best < 0 or (turns and not alone) or (turns == alone and off < nearest):
            best, nearest, alone = atom, off, turns
    return best


@compiled
def _drop_removed(row: Row, compiled_rules: CompiledRules, detections: Detections, count: int) -> int:
    """Leave segments that the rules in force no longer have."""
    kept = np.uint64(0)
    for at in range(len(compiled_rules.slot)):
        kept |= np.uint64(1) << np.uint64(compiled_rules.slot[at])
    row.refused &= kept
    for slot in range(SEGMENTS):
        bit = np.uint64(1) << np.uint64(slot)
        if row.member & bit & ~kept:
            _record(
                detections[count],
                SEGMENTS_PATH,
                np.int64(row.member),
                np.int64(row.member & ~bit),
                UNDECIDED,
                compiled_rules,
            )
            row.member &= ~bit
            row.member_s[slot] = 0
            count += 1
    return count


@compiled
def _any_moves(row: Row, time_ms: int, slots: Ints, stays_ms: Ints, verdict: Flags, states: int) -> bool:
    """Whether the person enters or leaves a segment: a fast check, usually false."""
    for at in range(len(slots)):
        if _move(
            row, time_ms, int(slots[at]), int(stays_ms[at]), verdict[states + 2 * at], verdict[states + 2 * at + 1]
        ):
            return True
    return False


@compiled
def _move(row: Row, time_ms: int, slot: int, stay_ms: int, enter: bool, leave: bool) -> int:
    """The change of one membership: ENTERS, LEAVES, SENT_AWAY or 0."""
    bit = np.uint64(1) << np.uint64(slot)
    if row.member & bit == 0:
        return ENTERS if enter and row.refused & bit == 0 else 0
    if row.refused & bit != 0:
        return SENT_AWAY
    return LEAVES if leave and time_ms >= stay_until_ms(row.member_s[slot], stay_ms) else 0


@compiled
def _judge_members(row: Row, time_ms: int, compiled_rules: CompiledRules, detections: Detections, count: int) -> int:
    """Enter and leave segments."""
    for at in range(len(compiled_rules.slot)):
        slot, enter = int(compiled_rules.slot[at]), len(compiled_rules.state) + 2 * at
        move = _move(
            row,
            time_ms,
            slot,
            int(compiled_rules.stay_ms[at]),
            compiled_rules.verdict[enter],
            compiled_rules.verdict[enter + 1],
        )
        if move:
            atom = BY_PERSON if move == SENT_AWAY else decider(enter if move == ENTERS else enter + 1, compiled_rules)
            count = _switch(row, slot, time_ms, atom, compiled_rules, detections, count)
    return count


@compiled
def _switch(
    row: Row, slot: int, time_ms: int, atom: int, compiled_rules: CompiledRules, detections: Detections, count: int
) -> int:
    """Enter a segment, or leave it, and record the detection."""
    bit = np.uint64(1) << np.uint64(slot)
    _record(detections[count], SEGMENTS_PATH, np.int64(row.member), np.int64(row.member ^ bit), atom, compiled_rules)
    row.member ^= bit
    row.member_s[slot] = epoch_s(time_ms) if row.member & bit else 0
    return count + 1


@compiled
def stay_until_ms(since_s: int, stay_ms: int) -> int:
    """The end of a member's minimum stay in a segment, epoch milliseconds."""
    return int(since_s) * 1000 + int(stay_ms)


@compiled
def _record(detection: Row, about: int, before: Any, after: Any, atom: int, compiled_rules: CompiledRules) -> None:
    """Record a change with the atom that decided, its constant, and the observed value."""
    detection.about = about
    for at in range(TOPICS_PUBLISHED):
        detection.before[at], detection.after[at] = 0, 0
    detection.before[VALUE], detection.after[VALUE] = before, after
    detection.signals[ATOM] = atom
    detection.threshold, detection.observed = 0.0, 0.0
    if atom >= 0:
        detection.threshold, detection.observed = (
            compiled_rules.atom_constant[atom],
            compiled_rules.value[compiled_rules.atom_place[atom]],
        )
