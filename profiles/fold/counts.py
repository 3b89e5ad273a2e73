"""Counts, rates, and the ring buffer of recent actions."""

from liveprofile.profiles.fold.event_ids import remember_event_id
from liveprofile.profiles.fold.sessions import count_in_session
from liveprofile.profiles.kernel.decay import BURST
from liveprofile.profiles.numeric.aliases import Factors
from liveprofile.profiles.numeric.epoch import epoch_s
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import ACTION_COUNT, LONG, RECENT, SHORT, Row


@compiled
def update_behaviour(row: Row, event: Row, session_place: int, state_decay: Factors, event_decay: Factors) -> None:
    """Update all counts, rates and times with the activity.

    `session_place` is what `enter_session` returned. Only the first line of an order counts: an order is one event,
    however many lines it has.
    """
    whole = event.line == 0
    count_in_session(row, event, session_place, whole)
    for action in range(ACTION_COUNT):
        row.by_action[action] *= state_decay[LONG]
    row.rate_burst *= state_decay[BURST]
    row.rate_short *= state_decay[SHORT]
    if whole:
        row.by_action[event.action] += event_decay[LONG]
        row.rate_burst += event_decay[BURST]
        row.rate_short += event_decay[SHORT]
    _remember_action(row, event)
    if whole:
        remember_event_id(row, event)


@compiled
def _remember_action(row: Row, event: Row) -> None:
    at = row.events % RECENT
    row.recent_s[at] = epoch_s(event.event_time_ms)
    row.recent_action[at] = event.action
    row.recent_topic[at] = event.category
    row.recent_item[at] = event.item
    row.recent_source[at] = event.source
    row.events += 1


@compiled
def is_recent(row: Row, source: int) -> bool:
    """Whether an input record is among those of the profile's last actions."""
    for at in range(min(RECENT, row.events)):
        if row.recent_source[at] == source:
            return True
    return False
