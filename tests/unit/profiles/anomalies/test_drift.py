"""Drift is judged where both the session and what was before it have enough weight, and not otherwise."""

from typing import Any

import numpy as np
import pytest
from support.activities import DIMS

from liveprofile.profiles.anomalies.drift import NEW, SEEN, drift
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.state.row import LONG, SESSION, blank_rows

RULES = Policy(dims=DIMS).rules
SESSION_MASS, EARLIER_MASS = RULES.anomalies_drift_min_session_mass, RULES.anomalies_drift_min_earlier_mass
TOPICS_NEEDED = int(RULES.anomalies_drift_min_new_topics)
TOO_LITTLE = -1.0


def row(session: float, earlier: float, new_topics: int = TOPICS_NEEDED) -> Any:
    """A shopper whose session is at right angles to all before it, and on as many topics that are new."""
    rows = blank_rows(1, DIMS)
    rows["mass"][0, SESSION], rows["mass"][0, LONG] = session, session + earlier
    rows["interest"][0, SESSION, 0] = 1_000
    rows["interest"][0, LONG, :2] = np.array([session, earlier]) / (session + earlier) * 1_000
    rows["topic_mass"][0, SESSION, :new_topics] = SEEN
    rows["topic_mass"][0, LONG, :new_topics] = SEEN + NEW / 2
    return rows[0]


def test_drift_is_judged_from_the_least_weight_of_the_session_and_of_what_was_before_it() -> None:
    assert drift(row(SESSION_MASS, EARLIER_MASS), RULES) == pytest.approx(1.0, abs=0.01)
    assert drift(row(2 * SESSION_MASS, 2 * EARLIER_MASS), RULES) == pytest.approx(1.0, abs=0.01)
    assert drift(row(SESSION_MASS - 0.5, EARLIER_MASS), RULES) == TOO_LITTLE
    assert drift(row(SESSION_MASS, EARLIER_MASS - 0.5), RULES) == TOO_LITTLE
    assert drift(row(SESSION_MASS - 0.5, EARLIER_MASS - 0.5), RULES) == TOO_LITTLE


def test_a_session_on_too_few_new_topics_is_judged_to_be_no_drift() -> None:
    assert drift(row(SESSION_MASS, EARLIER_MASS, TOPICS_NEEDED - 1), RULES) == 0.0
