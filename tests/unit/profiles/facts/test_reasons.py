"""Messages: every reason code has a template that formats, and the message names what a reader must tell apart."""

import re
from typing import Any

import pytest
from support.activities import random_log

from liveprofile.profiles.anomalies.messages import STATES
from liveprofile.profiles.facts.facts import Change, Code, Reason
from liveprofile.profiles.facts.reasons import ANOMALY_TEMPLATES, TEMPLATES, anomaly_message, change_of
from liveprofile.profiles.facts.templates import Template, Values
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.streams.reference.samples import SAMPLES

LEFT_OVER = re.compile(r"[{}%]s|[{}]|None|\[|\]")
"""What a message holds where a value was not written."""


def message(code: Code, path: str, before: Any, after: Any, observed: float = 0.3, threshold: float = 0.2) -> str:
    return change_of(path, "replace", before, after, Reason(code, "share-enters@1", threshold, observed)).message


def test_every_code_has_a_template() -> None:
    assert set(TEMPLATES) == set(Code), "profiles/facts/reasons.py has the template of each code"


def test_every_state_of_an_anomaly_has_a_template() -> None:
    assert set(ANOMALY_TEMPLATES) == set(STATES)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: f"{one.reason.code}-{one.path}")
def test_every_sample_has_a_message_that_is_one_whole_sentence(sample: Change) -> None:
    assert sample.message[0].isupper() and sample.message.endswith(".")
    assert not LEFT_OVER.search(sample.message)
    assert sample.reason.code not in sample.message


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: f"{one.reason.code}-{one.path}")
def test_a_message_is_the_same_whenever_it_is_made(sample: Change) -> None:
    values = (sample.path, sample.op, sample.before, sample.after, sample.reason)
    assert change_of(*values).message == change_of(*values).message


def test_a_template_with_an_unknown_value_or_format_is_refused() -> None:
    for wrong in ("{nobody}", "{observed:furlongs}"):
        with pytest.raises(KeyError):
            Template(wrong)


def test_a_percent_sign_of_a_template_or_of_a_name_stays() -> None:
    values = Values("brands", [], ["100%s"], Reason(Code.BRAND_FAVOURED, "", 0.2, 0.3), "")
    assert Template("100% {entered:names}").fill(values) == "100% 100%s"


@pytest.mark.parametrize(
    ("code", "path", "before", "after", "start"),
    [
        (
            Code.INTEREST_ENTERED,
            "interests.short",
            ["home/pans"],
            ["home/pans", "home/kettles", "home/coffee_machines"],
            "Interest in kettles and coffee machines entered short-term interests: 30% of the short-term interest",
        ),
        (
            Code.INTEREST_SHIFTED,
            "interests.long",
            ["women/shoes"],
            ["men/shoes"],
            "Interest in men/shoes replaced women/shoes in long-term interests",
        ),
        (Code.BRAND_FAVOURED, "brands", ["Veld"], ["A/B"], "Favoured brands now include A/B in place of Veld"),
        (Code.ACTIVE_HOURS_FOUND, "hours", "night", "evening", "Active hours are now evening (previously night)"),
        (Code.ACTIVE_DAYS_FOUND, "days", "weekday", "weekend", "Active days are now weekends (previously weekdays)"),
        (Code.DISCOUNTS_FELL, "discounts", "some", None, "Use of discounts fell from some to none"),
        (Code.DECLARED, "declared", {"shoe_size": "42"}, {"shoe_size": "43"}, "Declared shoe size is now 43 (prev"),
        (Code.CORRECTED, "price.band", "budget", None, "The inferred value budget of price.band was withdrawn"),
    ],
)
def test_a_message_names_what_changed(code: Code, path: str, before: Any, after: Any, start: str) -> None:
    assert message(code, path, before, after).startswith(start)


def test_shares_that_are_close_are_told_apart_to_a_tenth() -> None:
    assert message(Code.DISCOUNTS_ROSE, "discounts", None, "some", 0.1049, 0.1) == (
        "Use of discounts rose from none to some: 10.5% of the list prices saved, threshold 10%."
    )


def test_two_slots_of_one_topic_are_told_apart_by_their_items() -> None:
    one, other = (
        message(Code.SLOT_OPENED, "interests.slots", None, {"slot": 2, "topic": "home/pans", "item": item})
        for item in ("00c5fa1e9d3b7a42", "7b1d0c339d3b7a42")
    )
    assert "pans (item 00c5fa1e)" in one and "pans (item 7b1d0c33)" in other


def test_a_slot_without_an_item_is_named_by_its_topic() -> None:
    assert message(Code.SLOT_CLOSED, "interests.slots", {"slot": 2, "topic": "home/pans", "item": None}, None) == (
        "Interest slot 2 closed for pans: 30% of all interest, threshold 20%."
    )


def test_an_anomaly_names_its_kind_as_the_record_does() -> None:
    assert anomaly_message("raised", "interest-drift", None, 71, "new topics: someone else?") == (
        "Anomaly interest-drift was raised, severity 71: new topics: someone else?"
    )
    assert anomaly_message("cleared", "dormant", None, 1, "dormant is back to usual") == (
        "Anomaly dormant was cleared: dormant is back to usual."
    )


def test_every_fact_of_a_log_has_its_message() -> None:
    log = random_log(3, count=1_500)
    result = Fold(Policy()).apply(log.keys, log.values, range(len(log)))
    changes = [change for fact in result.changes for change in fact.record.changes]
    assert len({change.path for change in changes}) > 5
    for made in [*changes, *(fact.record for fact in result.anomalies)]:
        assert made.message.endswith((".", "?")) and not LEFT_OVER.search(made.message), made.message
    assert not [fact for fact in result.anomalies if fact.record.kind not in fact.record.message]


def test_a_withdrawal_of_what_was_never_declared_has_a_message_too() -> None:
    """A correction without a value of an attribute that was never declared stopped the fold."""
    assert message(Code.WITHDRAWN, "declared", None, None) == "Declared attribute was withdrawn."
