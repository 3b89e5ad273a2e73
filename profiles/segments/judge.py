"""Judges a profile by the rules in force: which lifecycle state it is in, which segments it enters and leaves."""

from profiles.compiled import compiled
from profiles.notes import Notes
from profiles.policy import Rules
from profiles.row import Row
from profiles.world import World


@compiled
def judge_segments(row: Row, time_ms: int, rules: Rules, world: World, notes: Notes, count: int) -> int:
    """Note what changed by `time_ms`, and set when it has to be judged again; returns the number of notes."""
    return count
