"""The truth that a simulated shop tells is that of its events."""

from collections import defaultdict
from itertools import islice

import pytest

from liveprofile.streams.simulator.events import SimEvent
from liveprofile.streams.simulator.simulator import Simulator

COUNT = 40_000


@pytest.fixture(scope="module")
def shop() -> Simulator:
    return Simulator(7, 300, user_events_per_s=0.001, record_truth=True, broken_share=0.001)


@pytest.fixture(scope="module")
def events(shop: Simulator) -> list[SimEvent]:
    return list(islice(shop.events(), COUNT))


def sessions(events: list[SimEvent]) -> dict[str, list[tuple[SimEvent, dict]]]:
    found = defaultdict(list)
    for event in events:
        if event.label is None:
            record = event.record()
            found[record["session_id"]].append((event, record))
    return found


def test_a_visit_ends_in_a_purchase_where_its_records_say_so(shop: Simulator, events: list[SimEvent]) -> None:
    sent = sessions(events)
    ended = [visit for truth in shop.truths().values() for visit in truth.visits if visit.last_ms is not None]
    assert len(ended) > 2_000
    for visit in ended:
        records = sent[visit.session_id]
        assert visit.purchase == any(record.get("kind") == "purchase" for _, record in records)
        assert visit.first_ms <= records[0][0].event_time_ms
        assert visit.last_ms == records[-1][0].event_time_ms
    assert 0.1 < sum(visit.purchase for visit in ended) / len(ended) < 0.5


def test_who_left_for_good_never_comes_again_and_somebody_new_comes(shop: Simulator, events: list[SimEvent]) -> None:
    last = {event.key.decode(): event.event_time_ms for event in events if event.label is None}
    churned = {name: truth.churned_ms for name, truth in shop.truths().items() if truth.churned_ms is not None}
    assert len(churned) > 30
    assert {name: last[name] for name in churned} == churned
    assert len(shop.truths()) > shop.users


def test_interests_are_odds_and_visits_follow_them(shop: Simulator, events: list[SimEvent]) -> None:
    inside = outside = 0
    for truth in shop.truths().values():
        assert all(sum(odds.values()) == pytest.approx(1.0) for _, odds in truth.interests)
        assert truth.interests_at(0) == {}
    for event in events:
        if event.label is None and event.topic == "clicks":
            liked = shop.truth(event.key.decode()).interests_at(event.event_time_ms)
            inside += (category := event.record()["category"]) in liked
            outside += category not in liked
    assert outside == 0 and inside > 10_000


def test_every_ordinary_record_has_a_truth_and_no_bot_has_one(shop: Simulator, events: list[SimEvent]) -> None:
    ordinary = {event.key.decode() for event in events if event.label is None}
    bots = {event.key.decode() for event in events if event.label and event.label.kind == "bot"}
    assert ordinary == set(shop.truths())
    assert bots and not bots & set(shop.truths())
    with pytest.raises(KeyError):
        shop.truth(bots.pop())


def test_keeping_the_truth_changes_no_event(events: list[SimEvent]) -> None:
    without = Simulator(7, 300, user_events_per_s=0.001, broken_share=0.001)
    assert [event.value() for event in islice(without.events(), 5_000)] == [event.value() for event in events[:5_000]]
    assert without.truths() == {}


def test_kinder_shoppers_give_more_stars(shop: Simulator, events: list[SimEvent]) -> None:
    given = defaultdict(list)
    for event in events:
        if event.topic == "reviews" and event.label is None:
            given[shop.truth(event.key.decode()).temper > 0.7].append(event.record()["stars"])
    assert sum(given[True]) / len(given[True]) > sum(given[False]) / len(given[False]) + 0.5
