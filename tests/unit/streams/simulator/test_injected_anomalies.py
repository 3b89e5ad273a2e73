"""Planted trouble: every kind of it, where the labels say it is."""

from collections import Counter, defaultdict
from itertools import islice, pairwise
from statistics import median

import orjson
import pytest

from liveprofile.streams.simulator.events import SimEvent
from liveprofile.streams.simulator.injected_anomalies import PLANS
from liveprofile.streams.simulator.simulator import Simulator


@pytest.fixture(scope="module")
def events() -> list[SimEvent]:
    shop = Simulator(7, 2_000, user_events_per_s=0.005, broken_share=0.002)
    return list(islice(shop.events(), 40_000))


@pytest.fixture(scope="module")
def injected(events: list[SimEvent]) -> dict[str, list[SimEvent]]:
    """Events of each anomaly that was sent to its end."""
    groups: dict[str, list[SimEvent]] = defaultdict(list)
    for event in events:
        if event.label is not None and event.label.kind in PLANS:
            groups[event.label.anomaly_id].append(event)
    return {name: group for name, group in groups.items() if group[0].label and len(group) == group[0].label.total}


def of_kind(injected: dict[str, list[SimEvent]], kind: str) -> list[list[SimEvent]]:
    found = [group for group in injected.values() if group[0].label and group[0].label.kind == kind]
    assert found, f"no {kind} was planted"
    return found


def test_every_kind_is_planted_within_a_minute_of_the_demo_and_again(events: list[SimEvent]) -> None:
    early = Counter(event.label.kind for event in events[:6_000] if event.label)
    assert set(early) >= {"bot", "burst", "account-takeover", "spend-spike"}
    kinds = Counter(event.label.kind for event in events[:12_000] if event.label)
    assert set(PLANS) - {"dormant-awake"} <= set(kinds)
    assert len({event.label.anomaly_id for event in events if event.label and event.label.kind == "burst"}) > 3


def test_a_label_names_the_user_that_its_records_carry(injected: dict[str, list[SimEvent]]) -> None:
    for group in injected.values():
        for event in group:
            record = event.record()
            assert event.label is not None
            assert event.label.user == (record.get("user_id") or record["anonymous_id"])


def test_a_burst_is_many_times_faster_than_people_are(injected: dict[str, list[SimEvent]]) -> None:
    for group in of_kind(injected, "burst"):
        waits = [later.event_time_ms - earlier.event_time_ms for earlier, later in pairwise(group)]
        assert len(group) >= 60
        assert median(waits) < 1_000


def test_a_taken_over_account_buys_from_a_new_device_what_it_never_looked_at(
    events: list[SimEvent], injected: dict[str, list[SimEvent]]
) -> None:
    for group in of_kind(injected, "account-takeover"):
        inside = [event.record() for event in group]
        before = [event.record() for event in events if event.key == group[0].key and event.label is None]
        assert not {record["device"] for record in inside} & {record["device"] for record in before}
        assert not {record["ip"] for record in inside} & {record["ip"] for record in before}
        assert any(event.topic == "purchases" for event in group)


def test_a_spend_spike_is_many_times_the_usual_order_from_the_usual_device(
    events: list[SimEvent], injected: dict[str, list[SimEvent]]
) -> None:
    usual = median(event.record()["total"] for event in events if event.topic == "purchases" and not event.label)
    for group in of_kind(injected, "spend-spike"):
        before = [event.record() for event in events if event.key == group[0].key and event.label is None]
        assert group[-1].record()["device"] in {record["device"] for record in before}
        assert group[-1].record()["total"] > 15 * usual


def test_a_shared_account_is_used_from_many_devices_and_countries_at_once(injected: dict[str, list[SimEvent]]) -> None:
    for group in of_kind(injected, "account-sharing"):
        records = [event.record() for event in group]
        assert len({record["device"] for record in records}) >= 5
        assert len({record["locale"] for record in records}) >= 5
        switches = sum(one["device"] != next_["device"] for one, next_ in pairwise(records))
        assert switches > len(records) / 2


def test_cards_are_tested_with_small_failed_payments_until_one_goes_through(
    injected: dict[str, list[SimEvent]],
) -> None:
    for group in of_kind(injected, "card-testing"):
        records = [event.record() for event in group]
        assert [record["kind"] for record in records] == ["failed"] * (len(records) - 1) + ["purchase"]
        assert len(records) > 12 and all(record["total"] < 5 for record in records[:-1])


def test_a_dormant_account_wakes_up_after_the_time_it_was_asked_to_sleep() -> None:
    month_ms = 30 * 86_400_000
    shop = Simulator(7, 60, user_events_per_s=1 / 8_640, anomaly_every=500)
    seen: dict[bytes, int] = {}
    woken = set()
    for event in islice(shop.events(), 40_000):
        first = event.label is not None and event.label.kind == "dormant-awake" and event.label.anomaly_id not in woken
        if first and event.label:
            assert event.event_time_ms - seen[event.key] >= month_ms
            woken.add(event.label.anomaly_id)
        seen[event.key] = event.event_time_ms
    assert woken


def test_a_bot_reads_page_by_page_to_the_millisecond(injected: dict[str, list[SimEvent]]) -> None:
    for group in of_kind(injected, "bot"):
        assert len({later.event_time_ms - earlier.event_time_ms for earlier, later in pairwise(group)}) == 1
        assert {event.topic for event in group} == {"clicks"}
        assert len({event.record()["item_id"] for event in group}) == len(group)


def test_broken_records_are_as_many_as_asked_for_and_labelled(events: list[SimEvent]) -> None:
    broken = [event for event in events if event.label and event.label.kind == "broken-record"]
    assert len(broken) == pytest.approx(0.002 * len(events), rel=0.5)
    assert len({event.label.words for event in broken if event.label}) >= 5


def test_all_other_records_are_json_objects_with_somebody_in_them(events: list[SimEvent]) -> None:
    for event in events:
        if event.label is None or event.label.kind != "broken-record":
            record = orjson.loads(event.value())
            assert record.get("user_id") or record.get("anonymous_id")


def test_a_shop_can_be_without_trouble() -> None:
    shop = Simulator(7, 100, anomaly_every=0)
    assert all(event.label is None for event in islice(shop.events(), 5_000))
