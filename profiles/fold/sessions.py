"""Sessions: which session an activity belongs to, and the sessions that go on at once.

A shopper with a telephone and a laptop has two sessions at once, by the ids that the clients send. The row has one
current session, that of the last activity. Others stay open beside it (`open_session`), each with its own counts, its
pace and its part of the session interests, until their own pause ends them. An activity of an open session makes it the
current one again. A visit is the time in which any session is open: it ends with a pause of all of them.
"""

import numpy as np

from liveprofile.profiles.kernel.own_session import any_beside, own_mass, own_topic_mass, own_vector_sum
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.numeric.scratch import floats
from liveprofile.profiles.state.row import ACTION_COUNT, LOCATION, OPEN_SESSIONS, SLOT_DIMS, SPREAD, TOPICS, Row

EARLIER_SESSION, THIS_SESSION, NEXT_SESSION = -1, 0, 1
COUNT_LIMIT = 65_535
"""Maximum of the counts of a session."""


@compiled
def enter_session(row: Row, event: Row, pause_ms: int, rules: Rules) -> tuple[int, int]:
    """Make the activity's session the current one, or begin it; returns what it is, and the pause within it.

    `pause_ms` is that since the newest activity of all sessions. A late activity of a session that has ended belongs to
    none. Call it before the activity changes anything but the reference time.
    """
    gap_ms = int(rules.session_gap_s * 1000)
    _close_ended(row, event.event_time_ms - gap_ms)
    if row.events == 0 or pause_ms > gap_ms:
        _begin(row, event)
        return NEXT_SESSION, pause_ms
    own_ms = int(event.event_time_ms - row.session_seen_ms) if any_beside(row) else pause_ms
    if event.session == 0 or row.session == 0 or event.session == row.session:
        if pause_ms < 0 and event.event_time_ms < row.session_start_ms - gap_ms:
            return EARLIER_SESSION, pause_ms
        return THIS_SESSION, own_ms
    for place in range(OPEN_SESSIONS):
        if row.open_session[place] == event.session:
            if event.event_time_ms < row.open_start_ms[place] - gap_ms:
                return EARLIER_SESSION, pause_ms
            own_ms = int(event.event_time_ms - row.open_seen_ms[place])
            _exchange(row, place)
            return THIS_SESSION, own_ms
    if pause_ms < -gap_ms:
        return EARLIER_SESSION, pause_ms
    _exchange(row, _place_beside(row))
    _begin(row, event)
    return NEXT_SESSION, pause_ms


@compiled
def count_in_session(row: Row, event: Row, place: int, whole: bool) -> None:
    """Count the activity in the current session, unless it is of an earlier one; only the first line of an order."""
    if place == EARLIER_SESSION:
        return
    if row.session == 0:
        row.session = event.session
    row.session_start_ms = min(row.session_start_ms, event.event_time_ms)
    row.session_seen_ms = max(row.session_seen_ms, event.event_time_ms)
    if whole:
        row.session_events = min(row.session_events + 1, COUNT_LIMIT)
        row.session_by_action[event.action] = min(row.session_by_action[event.action] + 1, COUNT_LIMIT)


@compiled
def _begin(row: Row, event: Row) -> None:
    row.session = event.session
    row.session_start_ms = row.session_seen_ms = event.event_time_ms
    row.session_events = 0
    for action in range(ACTION_COUNT):
        row.session_by_action[action] = 0


@compiled
def _close_ended(row: Row, until_ms: int) -> None:
    """Free the places of sessions without an activity since `until_ms`."""
    for place in range(OPEN_SESSIONS):
        if row.open_session[place] != 0 and row.open_seen_ms[place] < until_ms:
            _free(row, place)


@compiled
def _free(row: Row, place: int) -> None:
    row.open_session[place], row.open_start_ms[place], row.open_seen_ms[place] = 0, 0, 0
    row.open_events[place], row.open_pages[place], row.open_mass[place] = 0, 0.0, 0.0
    row.open_pace[place][LOCATION], row.open_pace[place][SPREAD] = 0.0, 0.0
    for action in range(ACTION_COUNT):
        row.open_by_action[place][action] = 0
    for at in range(SLOT_DIMS):
        row.open_interest[place][at] = 0
    for at in range(TOPICS):
        row.open_topic_mass[place][at] = 0.0


@compiled
def _place_beside(row: Row) -> int:
    """A free place beside the current session, else that of the session quiet for longest, which is dropped."""
    quietest = 0
    for place in range(OPEN_SESSIONS):
        if row.open_session[place] == 0:
            return place
        if row.open_seen_ms[place] < row.open_seen_ms[quietest]:
            quietest = place
    _free(row, quietest)
    return quietest


@compiled
def _exchange(row: Row, place: int) -> None:
    """Put the current session at a place beside, and make the one there current; a free place leaves the counts."""
    mass, towards, topics = own_mass(row), floats(SLOT_DIMS), floats(TOPICS)
    own_vector_sum(row, towards)
    for at in range(TOPICS):
        topics[at] = own_topic_mass(row, at)
    session, start_ms, seen_ms, events = row.session, row.session_start_ms, row.session_seen_ms, row.session_events
    pages, location, spread = row.pages, row.pace[LOCATION], row.pace[SPREAD]
    if row.open_session[place] != 0:
        row.session, row.session_start_ms = row.open_session[place], row.open_start_ms[place]
        row.session_seen_ms, row.session_events = row.open_seen_ms[place], row.open_events[place]
        row.pages = row.open_pages[place]
        row.pace[LOCATION], row.pace[SPREAD] = row.open_pace[place][LOCATION], row.open_pace[place][SPREAD]
    row.open_session[place], row.open_start_ms[place] = session, start_ms
    row.open_seen_ms[place], row.open_events[place] = seen_ms, events
    row.open_pages[place] = pages
    row.open_pace[place][LOCATION], row.open_pace[place][SPREAD] = location, spread
    for action in range(ACTION_COUNT):
        current = row.session_by_action[action]
        row.session_by_action[action] = row.open_by_action[place][action]
        row.open_by_action[place][action] = current
    row.open_mass[place] = mass
    for at in range(SLOT_DIMS):
        share = towards[at] / mass if mass > 0.0 else 0.0
        row.open_interest[place][at] = np.int8(min(max(np.rint(share * 127.0), -127.0), 127.0))
    for at in range(TOPICS):
        row.open_topic_mass[place][at] = topics[at]
