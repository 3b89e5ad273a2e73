"""Scores of forecasts, on cases that can be checked by hand; and shoppers as the log tells them."""

import math

import numpy as np
import pytest
from support.activities import NOON_MS, activity
from support.folding import USER

from liveprofile.profiles.records.activity import Action, decode_heads
from liveprofile.streams.backtest.figures.judged import judge
from liveprofile.streams.backtest.figures.scores import (
    average_precision,
    calibration_error,
    log_loss,
    mean,
    overlap,
    roc_auc,
)
from liveprofile.streams.backtest.simulator.detection import Alert, injected_anomalies_found
from liveprofile.streams.backtest.simulator.injected import InjectedAnomaly
from liveprofile.streams.backtest.task.cases import OURS, Figured, Forecast
from liveprofile.streams.backtest.truth.forecast import churn, intent, judged, purchase_week
from liveprofile.streams.backtest.truth.shoppers import DAY_MS, Prospect, Shopper, Shoppers, prospects


def test_a_perfect_ranking_a_reversed_one_and_a_constant() -> None:
    labels = [0, 0, 1, 1]
    assert (roc_auc(labels, [1, 2, 3, 4]), roc_auc(labels, [4, 3, 2, 1]), roc_auc(labels, [5] * 4)) == (1.0, 0.0, 0.5)
    assert (average_precision(labels, [1, 2, 3, 4]), average_precision(labels, [5] * 4)) == (1.0, 0.5)
    assert average_precision(labels, [4, 3, 2, 1]) == pytest.approx((1 / 3 + 2 / 4) / 2)


def test_nothing_can_be_ranked_without_both_outcomes() -> None:
    assert math.isnan(roc_auc([1, 1], [0.1, 0.2]))
    assert math.isnan(average_precision([0, 0], [0.1, 0.2]))
    assert math.isnan(roc_auc([], []))
    assert math.isnan(average_precision([], []))


def test_log_loss_of_a_coin_is_log_two_and_certainty_that_is_wrong_is_dear_but_finite() -> None:
    assert log_loss([0, 1], [0.5, 0.5]) == pytest.approx(math.log(2))
    assert 13 < log_loss([1], [0.0]) < 14


def test_a_calibrated_forecast_has_no_error_and_an_overconfident_one_has() -> None:
    labels = np.array([1] * 3 + [0] * 7)
    assert calibration_error(labels, np.full(10, 0.3)) == pytest.approx(0.0)
    assert calibration_error(labels, np.full(10, 1.0)) == pytest.approx(0.7)


def test_means_and_overlaps_leave_out_what_is_not_there() -> None:
    assert overlap([], [1]) == pytest.approx((math.nan, 0.0), nan_ok=True)
    assert mean([1.0, math.nan, 0.0]) == 0.5
    assert mean([]) is None


def details(*acts: tuple[Action, float, str]) -> tuple[Shoppers, list[bool]]:
    """One shopper's acts: what, seconds after noon, session."""
    shoppers = Shoppers()
    records = [
        activity(action, at_s=at_s, session=session, offset=place, total=9.0 if action == Action.PURCHASE else 0.0)
        for place, (action, at_s, session) in enumerate(acts)
    ]
    wanted = shoppers.wants([USER] * len(records), decode_heads(records, 128))
    return shoppers, wanted.tolist()


def test_intent_is_asked_after_the_third_act_unless_something_was_bought() -> None:
    views = [(Action.VIEW, float(at), "a") for at in range(4)]
    early = [(Action.PURCHASE, 100.0, "b"), *((Action.VIEW, 100.0 + at, "b") for at in range(1, 5))]
    shoppers, wanted = details(*views, (Action.PURCHASE, 9.0, "a"), *early)
    assert wanted == [False] * 3 + [True] + [False] * 6, "the answer is read before the next act"
    assert [(one.bought, one.frequency) for one in shoppers.visits] == [(True, 0.0)]


def test_a_session_that_ends_with_its_third_act_is_a_case_too() -> None:
    shoppers, wanted = details(*[(Action.VIEW, float(at), "a") for at in range(3)], (Action.VIEW, 9e4, "b"))
    assert wanted == [False] * 3 + [True]
    assert [one.bought for one in shoppers.visits] == [False]


def asked_of(happened: list[bool], probabilities: list[float], recency: list[float]) -> Forecast:
    """Each case with a user and a time of its own."""
    users = [bytes([at]) for at in range(len(happened))]
    return judged("intent", users, list(range(len(happened))), happened, probabilities, {"recency": recency})


def test_cases_before_the_first_model_are_left_out_for_all_alike() -> None:
    cases = asked_of([True, False, True], [0.0, 0.2, 0.6], [9.0, 1.0, 0.0])
    assert (len(cases.users), cases.details["before"]) == (2, 1)
    assert cases.probabilities["prior rate"].tolist() == [0.5, 0.5]
    methods = judge(cases, 7).plain()["methods"]
    assert (methods[OURS]["auc"], methods["recency"]["auc"]) == (1.0, 0.0)


def test_a_model_that_never_predicted_is_not_judged() -> None:
    found = judge(asked_of([True, False], [0.0, 0.0], [1.0, 0.0]), 7).plain()
    assert OURS not in found["methods"]
    assert (found["methods"]["prior rate"]["log_loss"], found["methods"]["recency"]["auc"]) == (0.6931, 1.0)
    assert judge(intent([]), 7).plain()["n"] == 0


def test_who_buys_within_a_week_and_who_has_left_is_asked_of_those_seen_lately() -> None:
    shoppers, _ = details((Action.VIEW, 0.0, "a"), (Action.VIEW, 60.0, "a"), (Action.PURCHASE, 3 * 86_400.0, "b"))
    now_ms = shoppers.known[USER].first_ms + DAY_MS
    asked = prospects(shoppers, {USER: [0.1, 0.8, 0.3]}, now_ms)
    other = Prospect(b"x", now_ms, 0, 0, 1.0, (0.0, 0.1, 0.9))
    shoppers.known[b"x"] = type(shoppers.known[USER])(now_ms, now_ms)
    week = purchase_week([*asked, other], shoppers, now_ms)
    assert (week.happened.tolist(), week.probabilities[OURS].tolist()) == ([True, False], [0.8, 0.1])
    gone = churn([*asked, other], [None, now_ms - 1], now_ms)
    assert (gone.happened.tolist(), gone.probabilities[OURS].tolist()) == ([False, True], [0.3, 0.9])


def trouble_of(*alerts: Alert, since_ms: int = NOON_MS) -> Figured:
    """Two kinds of trouble at noon and what was raised, among four shoppers of that day."""
    shoppers = Shoppers()
    shoppers.known = {key: Shopper(NOON_MS, NOON_MS, days={NOON_MS // DAY_MS}) for key in (b"a", b"b", b"c", b"d")}
    injected = [
        (b"a", InjectedAnomaly("bot", "u-a", NOON_MS, NOON_MS + 60_000, 120)),
        (b"b", InjectedAnomaly("burst", "u-b", NOON_MS, NOON_MS + 60_000, 80)),
    ]
    return injected_anomalies_found(injected, alerts, shoppers, since_ms)


def test_trouble_is_found_in_its_own_time_and_other_alerts_are_false() -> None:
    found = trouble_of(
        Alert(b"a", "velocity", NOON_MS + 20_000, 80.0),
        Alert(b"d", "velocity", NOON_MS, 50.0),
        Alert(b"c", "spend", NOON_MS, 60.0),
    )
    bot, burst = (found.details["kinds"][kind] for kind in ("bot", "burst"))
    assert (bot["recall"], bot["median_s_to_detect"], bot["ap"]) == (1.0, 20.0, 1.0)
    assert (burst["recall"], burst["median_s_to_detect"]) == (0.0, None)
    assert burst["ap"] == 0.3333, "it lies behind both that are false"
    assert (found.methods[OURS]["recall"], found.methods[OURS]["false_alerts_per_1000_users_a_day"]) == (0.5, 500.0)
    assert found.details["false_alerts_by_kind"] == {"spend": 1, "velocity": 1}


def test_what_is_raised_in_the_aftermath_is_neither_found_nor_false() -> None:
    found = trouble_of(Alert(b"a", "spend", NOON_MS + 60_000 + 2 * 3_600_000, 80.0))
    assert (found.details["kinds"]["bot"]["recall"], found.details["false_alerts_by_kind"]) == (0.0, {})


def test_trouble_before_the_voters_were_calibrated_is_counted_apart() -> None:
    found = trouble_of(Alert(b"a", "velocity", NOON_MS, 80.0), since_ms=NOON_MS + 1)
    assert (found.n, found.details["injected_before"], found.details["alerts"]) == (0, 2, 0)


def test_a_shop_without_trouble_has_only_false_alerts() -> None:
    found = injected_anomalies_found([], [Alert(b"a", "spend", 0, 1.0)], Shoppers(), 0)
    assert found.methods[OURS]["recall"] is None
    assert found.methods[OURS]["false_alerts_per_1000_users_a_day"] == 1000.0
