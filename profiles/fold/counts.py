"""Counts, rates, the session, and the ring buffers of recent actions and event ids."""

from liveprofile.profiles.kernel.decay import BURST
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.aliases import Factors
from liveprofile.profiles.numeric.epoch import epoch_s
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import ACTION_COUNT, EVENT_IDS, LONG, RECENT, SHORT, Row

EARLIER_SESSION, THIS_SESSION, NEXT_SESSION = -1, 0, 1
COUNT_LIMIT = 65_535
"""Maximum of the counts of a session."""


@compiled
def update_behaviour(
    row: Row, event: Row, pause_ms: int, rules: Rules, state_decay: Factors, event_decay: Factors
) -> None:
    """Update all counts, rates and times with the activity.

    Only the first line of an order counts: an order is one event, however many lines it has.
    """
    whole = event.line == 0
    _update_session(row, event, pause_ms, whole, rules)
    for action in range(ACTION_COUNT):
        row.by_action[action] *= state_decay[LONG]
    row.rate_burst *= state_decay[BURST]
    row.rate_short *= state_decay[SHORT]
    if whole:
        row.by_action[event.action] += event_decay[LONG]
        row.rate_burst += event_decay[BURST]
        row.rate_short += event_decay[SHORT]
    _update_rings(row, event)


@compiled
def place_in_sessions(row: Row, event: Row, pause_ms: int, rules: Rules) -> int:
    """Assign an activity to a session. A session ends by a pause, or when the client names another one.

    A late activity of an earlier session is not counted in the current one.
    """
    gap_ms = rules.session_gap_s * 1000
    other = event.session != 0 and row.session != 0 and event.session != row.session
    if pause_ms < 0 and (other or event.event_time_ms < row.session_start_ms - gap_ms):
        return EARLIER_SESSION
    return NEXT_SESSION if row.events == 0 or other or pause_ms > gap_ms else THIS_SESSION


@compiled
def _update_session(row: Row, event: Row, pause_ms: int, whole: bool, rules: Rules) -> None:
    """Count the activity in the session, or begin another session with it."""
    place = place_in_sessions(row, event, pause_ms, rules)
    if place == EARLIER_SESSION:
        return
    if place == NEXT_SESSION:
        row.session = event.session
        row.session_start_ms = event.event_time_ms
        row.session_events = 0
        for action in range(ACTION_COUNT):
            row.session_by_action[action] = 0
    elif row.session == 0:
        row.session = event.session
    row.session_start_ms = min(row.session_start_ms, event.event_time_ms)
    if whole:
        row.session_events = min(row.session_events + 1, COUNT_LIMIT)
        row.session_by_action[event.action] = min(row.session_by_action[event.action] + 1, COUNT_LIMIT)


@compiled
def _update_rings(row: Row, event: Row) -> None:
    at = row.events % RECENT
    row.recent_s[at] = epoch_s(event.event_time_ms)
    row.recent_action[at] = event.action
    row.recent_topic[at] = event.category
    row.recent_item[at] = event.item
    row.recent_source[at] = event.source
    if event.event_digest != 0 and event.line == 0:
        row.event_ids[row.events % EVENT_IDS] = short_digest(event.event_digest)
    row.events += 1


@compiled
def short_digest(digest: int) -> int:
    """The 32 bits of an event's digest that the ring of event ids keeps; never 0."""
    return max(int(digest & 0xFFFFFFFF), 1)


@compiled
def is_duplicate(row: Row, event: Row) -> bool:
    """Whether the client's event id is among the profile's recent ones: a retry.

    Only the first line of an order is kept in the ring, however long the order is. Its other lines follow it: they are
    retried unless the input record that they come from is among the profile's last actions.
    """
    if event.event_digest == 0:
        return False
    if event.line > 0:
        return not _is_recent(row, event.source)
    digest = short_digest(event.event_digest)
    for at in range(EVENT_IDS):
        if row.event_ids[at] == digest:
            return True
    return False


@compiled
def _is_recent(row: Row, source: int) -> bool:
    """Whether an input record is among those of the profile's last actions."""
    for at in range(min(RECENT, row.events)):
        if row.recent_source[at] == source:
            return True
    return False
