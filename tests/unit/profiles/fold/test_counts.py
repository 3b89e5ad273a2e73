"""Counts, sessions and rings: what counts, where a session ends, what a client sent twice."""

import pytest
from support.activities import NOON_MS, TOPICS, activity
from support.folding import Shopper

from liveprofile.profiles.records.activity import Action


def order(offset: int, lines: int, event_id: str | None = "o", at_s: float = 0.0) -> list[bytes]:
    """The lines of an order of 500."""
    return [
        activity(
            Action.PURCHASE,
            at_s=at_s,
            offset=offset,
            event_id=event_id,
            total=500,
            line=line,
            lines=lines,
            source=("purchases", 0),
        )
        for line in range(lines)
    ]


def test_an_order_is_one_event_however_many_lines_it_has():
    shopper = Shopper()
    shopper.does(*order(0, 7))
    row = shopper.row
    assert row["by_action"][Action.PURCHASE] == pytest.approx(1.0)
    assert (row["rate_burst"], row["session_events"], row["orders"], row["spent"]) == (1.0, 1, 1, 50_000)
    assert row["events"] == 7


def test_half_an_hour_without_events_ends_a_session():
    shopper = Shopper()
    shopper.does(activity(), activity(at_s=1800, offset=1))
    assert shopper.row["session_events"] == 2
    shopper.does(activity(at_s=1800 + 1801, offset=2))
    assert shopper.row["session_events"] == 1
    assert shopper.row["session_start_ms"] == NOON_MS + 3_601_000


def test_another_session_id_begins_a_session():
    shopper = Shopper()
    shopper.does(activity(session="a"), activity(at_s=5, session="a", offset=1), activity(at_s=6, offset=2))
    assert shopper.row["session_events"] == 3
    shopper.does(activity(Action.CART, at_s=9, session="b", offset=3))
    row = shopper.row
    assert row["session_events"] == 1 and row["session_by_action"][Action.CART] == 1
    assert row["session_by_action"][Action.VIEW] == 0


def test_what_arrives_late_for_an_earlier_session_is_not_counted_into_this_one():
    shopper = Shopper()
    shopper.does(activity(session="old"), activity(at_s=7200, session="new", offset=1))
    shopper.does(activity(at_s=10, session="old", offset=2), activity(at_s=20, offset=3))
    assert shopper.row["session_events"] == 1
    shopper.does(activity(at_s=7190, offset=4))
    assert shopper.row["session_events"] == 2
    assert shopper.row["session_start_ms"] == NOON_MS + 7_190_000


def test_events_without_an_id_are_never_retries():
    shopper = Shopper()
    assert shopper.does(activity(), activity(offset=1), activity(offset=2)).applied == 3


def test_two_copies_in_one_batch_count_once():
    shopper = Shopper()
    result = shopper.does(activity(event_id="x"), activity(event_id="x", offset=1))
    assert (result.applied, result.duplicates) == (1, 1)


def test_the_retry_of_an_order_longer_than_the_ring_is_dropped_as_a_whole():
    """Its own lines used to push its id out of the ring, so that the spend counted twice."""
    shopper = Shopper()
    shopper.does(*order(0, 200))
    result = shopper.does(*order(1, 200, at_s=2))
    assert (result.applied, result.duplicates) == (0, 200)
    assert shopper.row["spent"] == 50_000


def test_a_long_order_does_not_push_other_ids_out_of_the_ring():
    shopper = Shopper()
    shopper.does(activity(event_id="click"), *order(1, 33))
    assert shopper.does(activity(event_id="click", offset=2)).duplicates == 1


def test_an_order_cut_between_two_batches_is_applied_whole():
    shopper = Shopper()
    lines = order(0, 5)
    assert shopper.does(*lines[:2]).applied == 2
    assert shopper.does(*lines[2:]).applied == 3


def test_the_hours_are_shares_of_a_day():
    shopper = Shopper()
    shopper.does(*(activity(at_s=3600 * (at % 2), topic=TOPICS[0], offset=at) for at in range(200)))
    hours = shopper.row["hours"] / 32767
    assert hours[12] == pytest.approx(0.5, abs=0.05) and hours[13] == pytest.approx(0.5, abs=0.05)
    assert hours.sum() == pytest.approx(1.0, abs=0.01)


def test_a_shopper_of_one_hour_keeps_it():
    shopper = Shopper()
    shopper.does(*(activity(at_s=at / 10, offset=at) for at in range(5_000)))
    assert shopper.row["hours"].tolist() == [0] * 12 + [32767] + [0] * 11
