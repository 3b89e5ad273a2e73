"""The simulated shop's course: sessions, purchases, drift, and what it looks like on the wire."""

from collections import Counter, defaultdict
from itertools import islice, pairwise
from typing import Any

import orjson
import pytest

from liveprofile.streams.contract.refusals import Refusal
from liveprofile.streams.simulator.events import SimEvent
from liveprofile.streams.simulator.shop_words import OPENINGS
from liveprofile.streams.simulator.simulator import START_MS, Simulator
from liveprofile.streams.stages.ingest.validate import validate

BUSY = 0.005
"""Events per shopper and second of shop time, as in the demo."""


@pytest.fixture(scope="module")
def events() -> list[SimEvent]:
    return list(islice(Simulator(7, 2_000, user_events_per_s=BUSY).events(), 20_000))


@pytest.fixture(scope="module")
def records(events: list[SimEvent]) -> list[dict[str, Any]]:
    return [event.record() for event in events]


def test_event_time_never_goes_back_and_ids_are_unique(events: list[SimEvent]) -> None:
    assert all(earlier.event_time_ms <= later.event_time_ms for earlier, later in pairwise(events))
    assert events[0].event_time_ms >= START_MS
    assert len({event.event_id for event in events}) == len(events)


def test_every_action_of_the_contract_occurs(records: list[dict[str, Any]]) -> None:
    actions = Counter(record["action"] for record in records if "action" in record)
    assert set(actions) == {"view", "click", "cart", "uncart", "favourite", "share", "dismiss"}
    assert {record["kind"] for record in records if "kind" in record} == {"purchase", "refund", "failed"}
    assert any("query" in record for record in records)
    assert {record["verdict"] for record in records if "verdict" in record} == {"accepted", "refused", "corrected"}
    assert any("attributes" in record for record in records) and any("stars" in record for record in records)


def test_records_lie_in_the_topic_that_their_fields_belong_to(
    events: list[SimEvent], records: list[dict[str, Any]]
) -> None:
    own = {
        "clicks": "action",
        "searches": "query",
        "purchases": "total",
        "reviews": "stars",
        "feedback": "verdict",
        "declarations": "attributes",
    }
    assert all(own[event.topic] in record for event, record in zip(events, records, strict=True))


def test_ingest_accepts_all_that_is_not_broken_on_purpose(events: list[SimEvent]) -> None:
    refused = [verdict for event in events if isinstance(verdict := validate(event.topic, event.value()), Refusal)]
    assert refused == []


def test_some_products_are_reduced(records: list[dict[str, Any]]) -> None:
    reduced = [record["list_price"] > record["price"] for record in records if "list_price" in record]
    clicks = sum("action" in record for record in records)
    assert all(reduced) and 0.1 < len(reduced) / clicks < 0.5


def test_a_shopper_keeps_the_same_devices(events: list[SimEvent], records: list[dict[str, Any]]) -> None:
    devices = defaultdict(set)
    for event, record in zip(events, records, strict=True):
        if event.label is None:
            devices[event.key].add((record["device"], record["ip"]))
    assert {len(found) for found in devices.values()} == {1, 2}


def test_the_words_of_a_review_match_its_stars(records: list[dict[str, Any]]) -> None:
    written = [record for record in records if "text" in record]
    assert len({record["stars"] for record in written}) >= 4
    for record in written:
        assert record["text"].startswith(OPENINGS[record["stars"]])


def test_a_failed_payment_is_tried_again(events: list[SimEvent], records: list[dict[str, Any]]) -> None:
    orders = defaultdict(list)
    for event, record in zip(events, records, strict=True):
        if event.label is None and "order_id" in record:
            orders[record["order_id"]].append(record["kind"])
    tried = [kinds for kinds in orders.values() if "failed" in kinds]
    assert sum(kinds[:2] == ["failed", "purchase"] for kinds in tried) > 0.6 * len(tried)


def test_an_order_totals_its_items_which_are_what_the_session_put_into_the_cart(
    events: list[SimEvent], records: list[dict[str, Any]]
) -> None:
    carts: dict[str, Counter[str]] = defaultdict(Counter)
    bought = 0
    for event, record in zip(events, records, strict=True):
        cart = carts[record["session_id"]]
        if record.get("action") in ("cart", "uncart"):
            cart[record["item_id"]] += 1 if record["action"] == "cart" else -1
        if "items" in record:
            total = sum(item["price"] * item["quantity"] for item in record["items"])
            assert record["total"] == pytest.approx(total, abs=0.005)
        if record.get("kind") == "purchase" and event.label is None:
            assert Counter(item["item_id"] for item in record["items"]) == +cart
            bought += 1
    assert bought > 100


def test_shoppers_have_several_interests_and_return(records: list[dict[str, Any]]) -> None:
    categories, sessions = defaultdict(set), defaultdict(set)
    for record in records:
        who = record.get("user_id") or record["anonymous_id"]
        sessions[who].add(record["session_id"])
        if "category" in record:
            categories[who].add(record["category"])
    assert sum(len(names) >= 2 for names in categories.values()) > 300
    assert sum(len(ids) >= 3 for ids in sessions.values()) > 100


def test_interests_drift_beyond_what_anybody_begins_with_and_some_shoppers_stay_away() -> None:
    most_at_first = 4
    categories, seen = defaultdict(set), Counter[bytes]()
    for event in islice(Simulator(7, 50, user_events_per_s=BUSY, anomaly_every=0).events(), 20_000):
        seen[event.key] += 1
        if event.topic == "clicks":
            categories[event.key].add(event.record()["category"])
    assert sum(len(names) > most_at_first for names in categories.values()) > 10
    assert max(seen.values()) > 10 * min(seen.values())


def test_guests_are_known_by_an_anonymous_id_only(records: list[dict[str, Any]]) -> None:
    guests = [record for record in records if "anonymous_id" in record]
    assert guests
    assert not any("user_id" in record for record in guests)


def test_a_live_event_carries_the_time_of_sending(events: list[SimEvent]) -> None:
    assert orjson.loads(events[0].value(1_800_000_000_123))["ts"] == 1_800_000_000_123
    assert events[0].record()["ts"] == events[0].event_time_ms


def test_the_wanted_rate_is_about_the_rate_of_shop_time(events: list[SimEvent]) -> None:
    seconds = (events[-1].event_time_ms - events[0].event_time_ms) / 1_000
    assert len(events) / seconds == pytest.approx(2_000 * BUSY, rel=0.4)


def test_by_night_fewer_people_shop() -> None:
    day_ms = 86_400_000
    hours = Counter[int]()
    for event in Simulator(7, 500, start_ms=START_MS - START_MS % day_ms, anomaly_every=0).events():
        if event.event_time_ms >= START_MS + 2 * day_ms:
            break
        hours[event.event_time_ms // 3_600_000 % 24] += 1
    assert sum(hours[hour] for hour in range(17, 22)) > 8 * sum(hours[hour] for hour in range(0, 5))


def test_a_shop_without_shoppers_is_refused() -> None:
    with pytest.raises(ValueError, match="users is 0"):
        Simulator(7, 0)
