"""The decision: raised once, said again when it grows worse, cleared at the very moment its score has decayed."""

import numpy as np
from support.activities import activity, tick
from support.folding import POLICY, Shopper

from liveprofile.models.learners.evidence import LEVELS
from liveprofile.models.learners.kind import ExampleKind
from liveprofile.profiles.anomalies.kinds import PAYMENT
from liveprofile.profiles.anomalies.timers import next_anomaly_ms
from liveprofile.profiles.records.activity import Action, Kind, control_record
from liveprofile.profiles.records.training_example import decode
from liveprofile.profiles.state.row import DETECTORS, OUTLIER_INPUTS

HOUR_S = 3_600


def fails(count: int, start_s: float = 0.0, offset: int = 0) -> list[bytes]:
    """Payments that do not go through, a minute apart."""
    return [
        activity(Action.FAILED, topic=None, at_s=start_s + 60 * at, offset=offset + at, source=("purchases", 0))
        for at in range(count)
    ]


def adoption(threshold: float, knots: np.ndarray | None = None) -> bytes:
    """Alarms that were learnt: a usual session reaches none of these scores once in a thousand."""
    found = np.tile(np.linspace(0.0, 3.0, LEVELS), (DETECTORS + 1, 1)) if knots is None else knots
    numbers = {"knots": found.tolist(), "most": 8.0, "threshold": threshold, "trees": None}
    return control_record(Kind.ADOPT, 1, POLICY.dims, {"what": "alarms", "name": "alarms", "version": 3, **numbers})


def test_failed_payments_are_raised_then_worse_then_over_under_one_id():
    shopper = Shopper()
    shopper.does(*fails(5))
    shopper.does(*fails(9, 300, 10), tick(24 * HOUR_S))
    steps = [one for one in shopper.anomalies if one.kind == "payment"]
    assert [one.state for one in steps] == ["raised", "updated", "cleared"]
    assert [one.step for one in steps] == [1, 2, 3]
    assert steps[0].severity + POLICY.anomalies.update_severity <= steps[1].severity
    assert steps[2].severity == 0
    assert len({one.anomaly_id for one in steps}) == 1 and len({one.fact_id for one in steps}) == 3


def test_it_is_cleared_at_the_moment_that_was_known_before_whatever_the_ticks():
    moments = []
    for ticks in ([tick(3 * HOUR_S), tick(30 * HOUR_S)], [tick(600 * at) for at in range(1, 200)]):
        shopper = Shopper()
        shopper.does(*fails(5))
        due = int(shopper.row["anomaly_due_ms"][PAYMENT])
        shopper.does(*ticks)
        (cleared,) = [one for one in shopper.anomalies if (one.kind, one.state) == ("payment", "cleared")]
        moments.append((due, cleared.last_seen))
    assert len(set(moments)) == 1


def test_nothing_is_due_for_a_profile_that_rests():
    shopper = Shopper()
    shopper.does(*fails(5), tick(900), tick(48 * HOUR_S))
    assert next_anomaly_ms(shopper.row, POLICY.rules) == 0


def test_what_was_just_cleared_rests_before_it_is_raised_again():
    shopper = Shopper()
    shopper.does(*fails(5))
    due_s = (int(shopper.row["anomaly_due_ms"][PAYMENT]) - int(shopper.row["first_ms"])) / 1000
    shopper.does(*fails(8, due_s + 60, 100))
    assert shopper.steps("payment") == ["raised", "cleared"]
    shopper.does(*fails(8, due_s + 1_200, 200))
    assert shopper.steps("payment")[:3] == ["raised", "cleared", "raised"]


def test_learnt_knots_give_p_values_and_the_leading_voter_its_name():
    shopper = Shopper()
    shopper.does(adoption(1.5), *fails(6))
    (raised,) = [one for one in shopper.anomalies if one.state == "raised" and one.kind != "rule"]
    assert raised.kind == "payment"
    assert 0 < raised.p_value < 10**-1.5 and raised.severity >= 50
    assert raised.votes["payment"] == max(raised.votes.values())


def test_a_higher_threshold_raises_less():
    shopper = Shopper()
    shopper.does(adoption(7.0), *fails(4))
    assert shopper.anomalies == []


def test_a_named_rule_says_its_name_and_what_it_saw():
    shopper = Shopper()
    shopper.does(*fails(9))
    (raised,) = [one for one in shopper.anomalies if one.kind == "rule" and one.state == "raised"]
    assert raised.rule == "card-testing" and raised.severity == 85
    assert raised.contributions["failed_payments"] >= 5.5
    assert "stolen cards" in raised.reading


def test_a_session_gives_its_largest_scores_to_the_learner_once_it_has_ended():
    shopper = Shopper()
    quiet = shopper.does(*fails(5), tick(900))
    ended = shopper.does(tick(3 * HOUR_S), tick(9 * HOUR_S))
    (one,) = [
        one for one in (decode(*example) for example in ended.examples) if one and one.kind == ExampleKind.SESSION
    ]
    assert not [
        one for one in (decode(*example) for example in quiet.examples) if one and one.kind == ExampleKind.SESSION
    ]
    assert one is not None and len(one.row["score"]) == DETECTORS + 2 + OUTLIER_INPUTS
    assert one.row["score"][PAYMENT] > 2 and one.row["score"][DETECTORS] == PAYMENT + 1


def test_what_is_usual_is_not_learnt_under_an_open_anomaly():
    shopper = Shopper()
    shopper.does(*(activity(Action.PURCHASE, total=40, topic=None, at_s=HOUR_S * at, offset=at) for at in range(8)))
    shopper.does(*fails(6, 8 * HOUR_S, 100))
    usual = float(shopper.row["order_location"])
    shopper.does(activity(Action.PURCHASE, total=900, topic=None, at_s=8 * HOUR_S + 500, offset=200))
    assert float(shopper.row["order_location"]) == usual and int(shopper.row["orders"]) == 9


def test_numbers_that_do_not_fit_together_are_refused_and_change_nothing():
    shopper = Shopper()
    result = shopper.does(adoption(float("nan")), adoption(2.0, np.zeros((3, 4))))
    assert len(result.unreadable) == 2 and "alarms" in result.unreadable[1][1]
    assert shopper.fold.cursor.adopted == {}
