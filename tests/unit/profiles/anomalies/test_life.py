"""Velocity and interest drift: what raises them, what clears them, and what must not."""

import numpy as np
from support.activities import TOPICS, activity, tick
from support.folding import Shopper

from liveprofile.profiles.records.activity import Action

DAY_S = 86_400
ACTIONS = (Action.SEARCH, Action.VIEW, Action.VIEW, Action.CART, Action.PURCHASE)


def burst(shopper: Shopper, events: int = 80, start_s: float = 0.0, pace_s: float = 0.25) -> None:
    shopper.does(*(activity(at_s=start_s + pace_s * at, topic=None, offset=1_000 + at) for at in range(events)))


def session(topics: list[str], start_s: float, offset: int) -> list[bytes]:
    """A visit: on each topic from a search to a purchase."""
    steps = [(topic, action) for topic in topics for action in ACTIONS]
    return [
        activity(
            action, topic=topic, at_s=start_s + 20 * at, offset=offset + at, total=20.0 * (action >= Action.PURCHASE)
        )
        for at, (topic, action) in enumerate(steps)
    ]


def settled(days: int = 20) -> Shopper:
    """A shopper of two interests, who visited every day."""
    shopper = Shopper()
    for day in range(days):
        shopper.does(*session([TOPICS[day % 2]], day * DAY_S, 100 * day))
    return shopper


def test_a_burst_raises_velocity_once():
    shopper = Shopper()
    burst(shopper, 300)
    raised, *later = [one for one in shopper.anomalies if one.kind == "velocity"]
    assert raised.state == "raised" and raised.contributions["events_last_minute"] >= 40
    assert {one.state for one in later} <= {"updated"}


def test_a_brisk_shopper_is_not_a_burst():
    shopper = Shopper()
    burst(shopper, 300, pace_s=3.0)
    assert shopper.steps("velocity") == []


def test_velocity_is_cleared_by_an_event_after_a_pause():
    shopper = Shopper()
    burst(shopper)
    shopper.does(activity(at_s=900, offset=5_000))
    assert shopper.steps("velocity") == ["raised", "cleared"]


def test_velocity_is_cleared_by_a_tick_without_any_event():
    shopper = Shopper()
    burst(shopper)
    shopper.does(tick(25))
    assert shopper.steps("velocity") == ["raised"]
    shopper.does(tick(600), tick(1_200))
    assert shopper.steps("velocity") == ["raised", "cleared"]
    (cleared,) = [one for one in shopper.anomalies if (one.kind, one.state) == ("velocity", "cleared")]
    assert cleared.evidence == []


def test_a_second_burst_is_another_anomaly():
    shopper = Shopper()
    burst(shopper)
    shopper.does(tick(3_600))
    burst(shopper, start_s=7_200)
    assert shopper.steps("velocity") == ["raised", "cleared"], "the same input records again are not new events"
    shopper.does(*(activity(at_s=7_300 + 0.25 * at, topic=None, offset=9_000 + at) for at in range(80)))
    raised = [one for one in shopper.anomalies if (one.kind, one.state) == ("velocity", "raised")]
    assert [one.serial for one in raised] == [1, 2]
    assert raised[0].anomaly_id != raised[1].anomaly_id


def test_many_late_events_are_not_a_burst():
    shopper = Shopper()
    shopper.does(activity(at_s=0))
    burst(shopper, start_s=-7_200)
    assert shopper.steps("velocity") == []


def test_a_session_on_several_new_topics_is_drift():
    shopper = settled()
    shopper.does(*session(list(TOPICS[3:6]), 20 * DAY_S, 5_000))
    assert shopper.steps("interest-drift") == ["raised"]
    (raised,) = [one for one in shopper.anomalies if one.kind == "interest-drift"]
    assert raised.contributions["new_topics"] > 0.9 and raised.contributions["distance"] > 0.5


def test_one_new_interest_is_not_drift():
    shopper = settled()
    shopper.does(*session([TOPICS[4]] * 3, 20 * DAY_S, 5_000))
    assert shopper.steps("interest-drift") == []


def test_going_from_one_known_interest_to_the_other_is_not_drift():
    shopper = settled()
    shopper.does(*session([TOPICS[1], TOPICS[0], TOPICS[1]], 20 * DAY_S, 5_000))
    assert shopper.steps("interest-drift") == []


def test_a_session_on_interests_of_old_is_not_drift_however_rare_they_are():
    shopper = settled()
    shopper.does(*session([TOPICS[3]], 20 * DAY_S, 4_000), *session([TOPICS[4]], 22 * DAY_S, 4_100))
    shopper.does(*session([TOPICS[3], TOPICS[4]], 25 * DAY_S, 5_000))
    assert shopper.steps("interest-drift") == []


def test_a_newcomer_does_not_drift():
    shopper = Shopper()
    shopper.does(*session(list(TOPICS[:6]), 0, 0))
    assert shopper.steps("interest-drift") == []


def test_drift_is_cleared_when_the_session_has_faded_by_tick_or_event():
    for cleared_by in (tick(20 * DAY_S + 4 * 3600), activity(at_s=20 * DAY_S + 4 * 3600, offset=6_000)):
        shopper = settled()
        shopper.does(*session(list(TOPICS[3:6]), 20 * DAY_S, 5_000), cleared_by)
        assert shopper.steps("interest-drift") == ["raised", "cleared"]


def test_drift_is_not_learnt_as_usual_while_it_lasts():
    shopper = settled()
    shopper.does(*session(list(TOPICS[3:6]), 20 * DAY_S, 5_000))
    usual = float(shopper.row["drift_location"])
    shopper.does(
        *(activity(topic=TOPICS[3 + at % 3], at_s=20 * DAY_S + 400 + at, offset=6_000 + at) for at in range(20))
    )
    assert shopper.steps("interest-drift") == ["raised"]
    assert float(shopper.row["drift_location"]) == usual


def test_scores_stay_finite():
    shopper = settled(3)
    burst(shopper, start_s=5 * DAY_S)
    assert np.isfinite(shopper.row["anomaly_score"]).all()
