"""Timers: what changes by time alone, at the very moment it does, whenever ticks or activities bring the news."""

from profiles.anomalies.due import fire_alarms
from profiles.compiled import compiled
from profiles.policy import Rules
from profiles.row import Row
from profiles.world import Findings, World


@compiled
def fire_timers(row: Row, until_ms: int, rules: Rules, world: World, found: Findings, count: int) -> int:
    """Let everything happen that was due by `until_ms`, in order; returns the number of notes."""
    return fire_alarms(row, until_ms, rules, found, count)
