"""What time alone does to anomalies: an open one is cleared, a session is over. For timers to ask and to fire."""

from profiles.anomalies.decide import clear_due, next_clear_ms
from profiles.anomalies.sessions import end_session, session_end_ms
from profiles.compiled import compiled
from profiles.notes import EARLIER
from profiles.policy import Rules
from profiles.row import KIND_COUNT, Row, Rows
from profiles.world import Findings


@compiled
def next_alarm_ms(row: Row, rules: Rules) -> int:
    """The next moment at which `fire_alarms` would do something, epoch milliseconds; 0 for never."""
    clear, end = next_clear_ms(row), session_end_ms(row, rules)
    return min(clear, end) if clear != 0 and end != 0 else max(clear, end)


@compiled
def fire_alarms(row: Row, until_ms: int, rules: Rules, found: Findings, count: int) -> int:
    """Let everything happen that was due by `until_ms`, in order; returns the number of notes."""
    end = session_end_ms(row, rules)
    if end != 0 and end <= until_ms:
        count = clear_due(row, end, rules, found.notes, count)
        end_session(row, end, found)
    return clear_due(row, until_ms, rules, found.notes, count)


@compiled
def pass_time(rows: Rows, first: int, time_ms: int, offset: int, rules: Rules, found: Findings) -> int:
    """What a tick does to the rows from `first` on. Stops when `found` is nearly full; returns the row to go on from.

    The `event` of notes and sessions is the place of the profile.
    """
    found.filled[:] = 0
    for place in range(first, len(rows)):
        row = rows[place]
        due = next_alarm_ms(row, rules)
        if due == 0 or due > time_ms or row.applied >= offset or row.erased_ms != 0:
            continue
        if found.filled[0] + KIND_COUNT > len(found.notes) or found.filled[3] >= len(found.sessions):
            return place
        row.applied = offset
        notes, sessions = found.filled[0], found.filled[3]
        found.filled[0] = fire_alarms(row, time_ms, rules, found, notes)
        for at in range(notes, found.filled[0]):
            found.notes[at].event, found.notes[at].weight = place, 0.0
            for earlier in range(EARLIER):
                found.notes[at].earlier_source[earlier], found.notes[at].earlier_s[earlier] = 0, 0
        for at in range(sessions, found.filled[3]):
            found.sessions[at].event = place
    return len(rows)
