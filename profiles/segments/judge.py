"""Judges a profile by the rules in force: which lifecycle state it is in, which segments it enters and leaves."""

from typing import Any

import numpy as np

from profiles.activity import Action
from profiles.compiled import compiled
from profiles.exact import remaining
from profiles.moment import epoch_s
from profiles.notes import Notes
from profiles.policy import Rules
from profiles.row import PATHS, SEGMENTS, TOPICS_SAID, Row
from profiles.segments.expressions import AND, AT_LEAST, AT_MOST, EQUAL, LESS, MORE, NOT
from profiles.segments.reading import move_features, read_features
from profiles.segments.tags import Flags, Floats, Ints, Tags

ACCEPT, REFUSE = int(Action.ACCEPT), int(Action.REFUSE)
LIFECYCLE_PATH, SEGMENTS_PATH = PATHS.index("lifecycle"), PATHS.index("segments")
BY_PERSON = -1
"""A note's `signals[0]`: the person refused the tag; otherwise the atom that decided."""
UNDECIDED = -2
"""No atom decided: the rules did, which were edited."""


@compiled
def heed_feedback(row: Row, event: Row, tags: Tags) -> None:
    """Remember which segments the person does not want to be in, and which again."""
    if event.action != ACCEPT and event.action != REFUSE:
        return
    for at in range(len(tags.slot)):
        if tags.name[at] == event.subject:
            bit = np.uint64(1) << np.uint64(tags.slot[at])
            row.refused = row.refused | bit if event.action == REFUSE else row.refused & ~bit


@compiled
def judge_segments(row: Row, time_ms: int, rules: Rules, tags: Tags, notes: Notes, count: int) -> int:
    """Note what changed by `time_ms`; returns the number of notes."""
    _run_rules(row, time_ms, rules, tags)
    moved = _judge_lifecycle(row, epoch_s(time_ms), tags, notes, count)
    if moved > count:
        _run_rules(row, time_ms, rules, tags)
    count = _drop_removed(row, tags, notes, moved) if row.rules != tags.version else moved
    count = _judge_members(row, time_ms, tags, notes, count)
    row.rules, row.judged_ms = tags.version, time_ms
    return count


@compiled
def _run_rules(row: Row, time_ms: int, rules: Rules, tags: Tags) -> None:
    """Fill `tags` with features, truths and verdicts as of `time_ms`."""
    read_features(row, tags)
    left = remaining(time_ms - row.seen_ms, rules.half_lives_s[0])
    left_short = remaining(time_ms - row.seen_ms, rules.half_lives_s[1])
    left_long = remaining(time_ms - row.seen_ms, rules.half_lives_s[2])
    move_features(time_ms, left, left_short, left_long, tags.raw, tags.value, tags.unit_ms)
    judge_atoms(tags.atom_place, tags.atom_operator, tags.atom_constant, tags.value, tags.truth)
    run_programs(tags.code, tags.start, tags.truth, tags.verdict)


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
    """The verdict of each program."""
    for program in range(len(verdict)):
        verdict[program] = run(code, start[program], start[program + 1], truth, -1)


@compiled
def run(code: Ints, begin: int, end: int, truth: Flags, flipped: int) -> bool:
    """Whether a program is true, if the atom `flipped` (-1 for none) said the opposite.

    The stack is one number: its lowest bit is what was put there last.
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
def decider(program: int, tags: Tags) -> int:
    """The atom nearest to its threshold among those that alone would turn a program; else among all of it.

    -2 (`UNDECIDED`) for a program without atoms. Nearness is relative, so that days and shares compare.
    """
    best, nearest, alone = UNDECIDED, 0.0, False
    begin, end = tags.start[program], tags.start[program + 1]
    for at in range(begin, end):
        atom = tags.code[at]
        if atom < 0:
            continue
        turns = run(tags.code, begin, end, tags.truth, atom) != tags.verdict[program]
        value, constant = tags.value[tags.atom_place[atom]], tags.atom_constant[atom]
        off = abs(value - constant) / max(abs(constant), 1e-9)
        if best < 0 or (turns and not alone) or (turns == alone and off < nearest):
            best, nearest, alone = atom, off, turns
    return best


@compiled
def _judge_lifecycle(row: Row, now: int, tags: Tags, notes: Notes, count: int) -> int:
    """The first state that matches, if it is another one than before."""
    for at in range(len(tags.state)):
        if tags.verdict[at]:
            if tags.state[at] == row.lifecycle:
                return count
            _note(notes[count], LIFECYCLE_PATH, int(row.lifecycle), int(tags.state[at]), decider(at, tags), tags)
            row.lifecycle, row.lifecycle_s = tags.state[at], now
            return count + 1
    return count


@compiled
def _drop_removed(row: Row, tags: Tags, notes: Notes, count: int) -> int:
    """Leave segments that the rules in force do not have any more."""
    kept = np.uint64(0)
    for at in range(len(tags.slot)):
        kept |= np.uint64(1) << np.uint64(tags.slot[at])
    row.refused &= kept
    for slot in range(SEGMENTS):
        bit = np.uint64(1) << np.uint64(slot)
        if row.member & bit & ~kept:
            _note(notes[count], SEGMENTS_PATH, np.int64(row.member), np.int64(row.member & ~bit), UNDECIDED, tags)
            row.member &= ~bit
            row.member_s[slot] = 0
            count += 1
    return count


@compiled
def _judge_members(row: Row, time_ms: int, tags: Tags, notes: Notes, count: int) -> int:
    """Let the person into segments and out of them."""
    slots, stays, verdict, states = tags.slot, tags.stay_ms, tags.verdict, len(tags.state)
    member, refused = row.member, row.refused
    for at in range(len(slots)):
        bit, enter = np.uint64(1) << np.uint64(slots[at]), states + 2 * at
        unwanted = refused & bit != 0
        if member & bit != 0:
            stays_on = time_ms < stay_until_ms(row.member_s[slots[at]], stays[at]) or not verdict[enter + 1]
            if unwanted or not stays_on:
                atom = BY_PERSON if unwanted else decider(enter + 1, tags)
                count = _switch(row, slots[at], time_ms, atom, tags, notes, count)
        elif verdict[enter] and not unwanted:
            count = _switch(row, slots[at], time_ms, decider(enter, tags), tags, notes, count)
    return count


@compiled
def _switch(row: Row, slot: int, time_ms: int, atom: int, tags: Tags, notes: Notes, count: int) -> int:
    """Enter a segment, or leave it, and note it."""
    bit = np.uint64(1) << np.uint64(slot)
    _note(notes[count], SEGMENTS_PATH, np.int64(row.member), np.int64(row.member ^ bit), atom, tags)
    row.member ^= bit
    row.member_s[slot] = epoch_s(time_ms) if row.member & bit else 0
    return count + 1


@compiled
def stay_until_ms(since_s: int, stay_ms: int) -> int:
    """Until when the member of a segment stays in any case."""
    return int(since_s) * 1000 + int(stay_ms)


@compiled
def _note(note: Row, about: int, before: Any, after: Any, atom: int, tags: Tags) -> None:
    """Note a change with the atom that decided, its constant, and what was compared with it."""
    note.about = about
    for at in range(TOPICS_SAID):
        note.before[at], note.after[at] = 0, 0
    note.before[0], note.after[0] = before, after
    note.signals[0] = atom
    note.threshold, note.observed = 0.0, 0.0
    if atom >= 0:
        note.threshold, note.observed = tags.atom_constant[atom], tags.value[tags.atom_place[atom]]
