"""Figures about anomalies, on a case that can be counted by hand."""

from typing import Any

import pytest

from profiles.facts import AnomalyChanged, rfc3339
from streams.backtest.anomalies import GRACE_MS, Trouble, evaluate

BASE_MS = 1_767_268_800_000


def said(profile: str, at_s: float, severity: int, state: Any = "raised", kind: str = "spend", serial: int = 1) -> Any:
    ts = rfc3339(BASE_MS + round(at_s * 1000))
    return AnomalyChanged(
        f"{profile}/{kind}/{serial}", profile, state, kind, serial, 1, severity, 5.0, None, {}, {}, None, [], ts, ts, ""
    )


def trouble(profile: str, kind: str, first_s: float, last_s: float) -> Trouble:
    return Trouble(profile, kind, BASE_MS + round(first_s * 1000), BASE_MS + round(last_s * 1000))


PLANTED = [trouble("a", "bot", 0, 60), trouble("b", "bot", 0, 60), trouble("c", "burst", 100, 160)]


def test_found_missed_and_false_are_counted_by_kind():
    facts = [said("a", 20, 60), said("c", 130, 80), said("d", 50, 50), said("a", 9_000, 55, serial=2)]
    figures = evaluate(facts, PLANTED, user_days=1_000)
    assert (figures["planted"], figures["raised"]) == (3, 4)
    assert figures["false_alerts_per_1000_users_a_day"] == 2.0, "one of somebody calm, one long after the trouble"
    bot, burst = figures["by_kind"]["bot"], figures["by_kind"]["burst"]
    assert (bot["found"], bot["recall"], bot["median_seconds_to_detect"]) == (1, 0.5, 20.0)
    assert (burst["found"], burst["recall"], burst["median_seconds_to_detect"]) == (1, 1.0, 30.0)


def test_two_alerts_about_one_trouble_find_it_once_at_the_first():
    figures = evaluate([said("a", 10, 50), said("a", 15, 90, kind="velocity")], PLANTED, 1_000)
    assert figures["all"]["found"] == 1 and figures["all"]["median_seconds_to_detect"] == 10.0
    assert figures["false_alerts_by_kind"] == {}


def test_ranking_counts_the_severity_that_an_alert_came_to():
    before = [said("a", 10, 50), said("d", 10, 60)]
    worse = [*before, said("a", 30, 95, state="updated")]
    planted = PLANTED[:1]
    assert evaluate(before, planted, 1_000)["all"]["pr_auc"] == 0.5
    assert evaluate(worse, planted, 1_000)["all"]["pr_auc"] == 1.0


@pytest.mark.parametrize(("late_s", "found"), [(GRACE_MS / 1000 - 1, 1), (GRACE_MS / 1000 + 1, 0)])
def test_what_is_raised_soon_after_the_trouble_has_found_it(late_s: float, found: int) -> None:
    assert evaluate([said("a", 60 + late_s, 50)], PLANTED[:1], 1_000)["all"]["found"] == found


def test_nothing_said_is_nothing_found():
    figures = evaluate([], PLANTED, 1_000)
    assert figures["all"]["recall"] == 0.0 and figures["all"]["pr_auc"] == 0.0
