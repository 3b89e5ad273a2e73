"""The rhythm of visits: which pauses are gaps between sessions."""

from typing import Any

import pytest
from support.activities import DIMS

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.numeric.robust_scale import LOCATION, SPREAD
from liveprofile.profiles.state.row import blank_rows
from liveprofile.profiles.traits.rhythm import HOUR_MS, update_visits

RULES = Policy(dims=DIMS).rules
GAP_MS = round(RULES.session_gap_s * 1000)


def after_a_pause(pause_ms: int, *, sessions: int = 1, begins: bool = True) -> Any:
    """A shopper of some sessions, after another one that follows a pause."""
    row = blank_rows(1, DIMS)[0]
    row["sessions"] = sessions
    update_visits(row, begins, pause_ms, RULES)
    return row


def test_a_pause_is_learnt_from_the_first_millisecond_beyond_the_gap_between_sessions() -> None:
    assert not after_a_pause(GAP_MS)["visit_gap"].any(), "a session that is parallel to another"
    learnt = after_a_pause(GAP_MS + 1)
    assert learnt["visit_gap"][SPREAD] > 0
    assert 2 ** learnt["visit_gap"][LOCATION] * HOUR_MS == pytest.approx(GAP_MS, rel=1e-3)


def test_the_first_session_follows_no_pause_and_what_begins_no_session_counts_for_nothing() -> None:
    first, within = after_a_pause(9 * GAP_MS, sessions=0), after_a_pause(9 * GAP_MS, begins=False)
    assert not first["visit_gap"].any() and not within["visit_gap"].any()
    assert (int(first["sessions"]), int(within["sessions"])) == (1, 1)
