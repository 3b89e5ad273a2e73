"""Words: every change, anomaly and oddity as a sentence, and nothing that raises."""

from typing import Any

import pytest

from liveprofile.profiles.interests.detect import BANDS, PARTS_OF_DAY
from liveprofile.profiles.records.facts import Code
from liveprofile.streams.render.change_messages import anomaly_sentence, anomaly_words, change_sentences, change_words


def change(path: str, before: Any, after: Any, code: str = "", threshold: float = 0.34, observed: float = 0.41) -> Any:
    reason = {"code": code, "rule": "nearest-centre@12", "threshold": threshold, "observed": observed}
    return {"changes": [{"path": path, "op": "replace", "before": before, "after": after, "reason": reason}]}


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        (
            change("interests.session", ["shoes/socks"], ["home/pans", "home/kettles"], Code.INTEREST_SHIFTED),
            "Is now looking at pans and kettles, and has stopped looking at socks: "
            "41% of this session, over the threshold of 34%.",
        ),
        (
            change("interests.short", ["pans"], ["pans", "kettles"], Code.INTEREST_ENTERED, 0.25, 0.3),
            "Has taken to kettles this week: 30% of the week's interest, over the threshold of 25%.",
        ),
        (
            change("interests.long", ["pans"], [], Code.INTEREST_LEFT, 0.1, 0.08),
            "Has lost the lasting interest in pans: 8% of the long-term interest, below the threshold of 10%.",
        ),
        (
            change("brands", [], ["Tefal"], Code.BRAND_FAVOURED, 0.3, 0.5),
            "Favours Tefal: 50% of branded interest, over the threshold of 30%.",
        ),
        (
            change("spend.band", "low", "middle", Code.SPEND_BAND_ROSE, 50.0, 62.1),
            "Is now a middle spender, was a low spender: recent spend 62.10 is over 50.00.",
        ),
        (
            change("spend.band", "low", "none", Code.SPEND_BAND_FELL, 0.008, 0.0),
            "Has no recent spend, was a low spender: recent spend 0.00 is below 0.01.",
        ),
        (
            change("hours", None, "evening", Code.ACTIVE_HOURS_FOUND, 0.5, 0.6),
            "Shops mostly in the evening: 60% of activity.",
        ),
        (
            change("hours", "night", None, Code.ACTIVE_HOURS_LOST, 0.35, 0.3),
            "No longer shops mostly at night: 30% of activity.",
        ),
        (
            change("cluster", None, 7, Code.CLUSTER_ASSIGNED, 0.1, 0.18),
            "Joined cluster 7: its centre is 18% nearer than the next one, in model 12.",
        ),
        (
            change("cluster", 3, 7, Code.CLUSTER_CHANGED, 0.1, 0.18),
            "Moved from cluster 3 to 7: its centre is 18% nearer than the next one, in model 12.",
        ),
        (
            change("price.band", None, "budget", Code.PRICE_BAND_FOUND, -0.5, -0.83),
            "Is a budget shopper: prices are 0.8 spreads below those usual in their categories.",
        ),
        (
            change("discounts", "many", "some", Code.DISCOUNTS_FELL, 0.105, 0.1),
            "Takes some discounts: 10% of the list prices is saved, below 10%.",
        ),
        (
            change("days", None, "weekend", Code.ACTIVE_DAYS_FOUND, 0.6, 0.7),
            "Shops mostly at weekends: 70% of activity.",
        ),
        (
            change("days", "weekday", None, Code.ACTIVE_DAYS_LOST, 0.8, 0.7),
            "No longer shops mostly on weekdays: 70% of activity.",
        ),
        (
            change("sentiment", None, "negative", Code.SENTIMENT_FOUND, -0.4, -0.75),
            "Writes negative reviews: -0.75 on a scale from -1 to 1.",
        ),
        (
            change("declared", {"language": "de"}, {"language": "fr"}, Code.DECLARED),
            "Says that language is fr, and no longer that language is de.",
        ),
        (change("declared", {"newsletter": "yes"}, None, Code.WITHDRAWN), "No longer says that newsletter is yes."),
        (change("declared", None, {"daypart": "night"}, Code.CORRECTED), "Corrects a value: daypart is night."),
        (
            change("hours", "evening", None, Code.CORRECTED),
            "Hours is no longer evening: the person corrected it.",
        ),
    ],
)
def test_a_change_is_a_sentence_with_its_reason(record: Any, sentence: str) -> None:
    assert change_sentences(record) == [sentence]


def test_a_path_that_is_newer_than_the_words_is_told_as_it_stands() -> None:
    assert change_sentences(change("churn.band", "low", "high", "CHURN_ROSE")) == [
        "Churn.band went from low to high: CHURN_ROSE."
    ]


def test_every_band_and_part_of_the_day_has_its_words() -> None:
    for band in BANDS:
        assert "spend" in change_words(change("spend.band", None, band))[0][0]
    for part in PARTS_OF_DAY:
        assert f"mostly {part}" not in change_words(change("hours", None, part))[0][0]


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"changes": None},
        {"changes": "x"},
        {"changes": [None, 3, {}]},
        {"changes": [{"path": "interests.session", "before": "x", "after": None, "reason": None}]},
        {"changes": [{"path": "brands", "before": None, "after": [None, 3], "reason": {"observed": "much"}}]},
        {"changes": [{"path": "spend.band", "before": None, "after": {}, "reason": {"observed": None}}]},
        {"changes": [{"path": "hours", "before": None, "after": None}]},
        {"changes": [{"path": "price.band", "after": {}, "reason": {"observed": "x"}}]},
        {"changes": [{"path": "discounts", "after": 3, "reason": {"observed": True}}]},
        {"changes": [{"path": "sentiment", "after": None}, {"path": "days", "after": []}]},
        {"changes": [{"path": "declared", "before": 3, "after": [1], "reason": {"code": "WITHDRAWN"}}]},
        {"changes": [{"path": "cluster", "after": "x", "reason": {"rule": 3, "observed": True}}]},
    ],
)
def test_a_strange_record_never_raises(record: Any) -> None:
    assert all(sentence.endswith(".") for sentence in change_sentences(record))


def test_an_anomaly_says_its_kind_its_severity_and_its_reading() -> None:
    record = {"kind": "velocity", "state": "raised", "severity": 71, "reading": "31 events in a minute."}
    assert anomaly_sentence(record) == "Velocity, severity 71: 31 events in a minute."


def test_a_cleared_anomaly_is_over() -> None:
    assert anomaly_words({"kind": "spend", "state": "cleared"}) == ("spend: over", "behaviour is usual again")


@pytest.mark.parametrize("score", [5.0, 10_000.0, None, "x", True])
def test_an_anomaly_without_a_reading_is_told_by_its_score(score: Any) -> None:
    assert anomaly_sentence({"kind": "velocity", "score": score})
    assert anomaly_sentence({"kind": "interest-drift", "score": score})
