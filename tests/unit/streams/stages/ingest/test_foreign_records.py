"""Records of other systems are refused with their name and what to do; ours with more fields than the contract pass."""

import base64
import gzip
from typing import Any

import orjson
import pytest

from liveprofile.profiles.records.activity import Action
from liveprofile.streams.contract.refusals import Reason, Refusal
from liveprofile.streams.stages.ingest.event import ValidatedEvent
from liveprofile.streams.stages.ingest.validate import validate

DEBEZIUM = {
    "before": None,
    "after": {"user_id": "u1", "item_id": "p1"},
    "op": "c",
    "ts_ms": 1,
    "source": {"db": "shop"},
}
FOREIGN: dict[str, tuple[str, dict[str, Any]]] = {
    "Segment": (
        "clicks",
        {"type": "track", "event": "Product Viewed", "userId": "u1", "properties": {"name": "Vase"}, "messageId": "m"},
    ),
    "Segment, flattened in a warehouse": (
        "clicks",
        {"user_id": "u1", "event": "product_viewed", "received_at": "2026-09-21", "original_timestamp": "2026-09-21"},
    ),
    "Snowplow": (
        "clicks",
        {"user_id": "u1", "app_id": "shop", "event_name": "page_view", "derived_tstamp": "2026-09-01T10:00:00Z"},
    ),
    "Snowplow, without a name of the event": (
        "clicks",
        {"user_id": "u1", "app_id": "shop", "derived_tstamp": "2026-09-01T10:00:00Z", "contexts_product_1": []},
    ),
    "Google Analytics 4": (
        "purchases",
        {
            "event_name": "purchase",
            "event_params": [],
            "user_pseudo_id": "1.2",
            "user_id": "u1",
            "items": [{"item_id": "p1"}],
        },
    ),
    "PostHog": ("clicks", {"event": "$pageview", "distinct_id": "u1", "properties": {"$ip": "203.0.113.7"}}),
    "Shopify": ("purchases", {"id": 5, "customer": {"id": 7}, "line_items": [], "total_price": "20.00"}),
    "WooCommerce": ("purchases", {"id": 5, "customer_id": 7, "billing": {}, "line_items": [], "order_key": "wc_1"}),
    "Debezium": ("clicks", DEBEZIUM),
    "change data capture": ("purchases", {"schema": {"type": "struct"}, "payload": DEBEZIUM}),
    "Kafka Connect": ("clicks", {"schema": {"type": "struct"}, "payload": {"user_id": "u1", "title": "Vase"}}),
    "CloudEvent": (
        "clicks",
        {"specversion": "1.0", "type": "shop.view", "source": "/shop", "id": "1", "data": {"user_id": "u1"}},
    ),
    "User Behavior Insights": (
        "reviews",
        {"action_name": "click", "client_id": "c1", "event_attributes": {}, "timestamp": "2026-09-21T14:13:20Z"},
    ),
    "REST proxy": ("clicks", {"records": [{"value": {"user_id": "u1", "title": "Vase"}}]}),
}


def refused(topic: str, value: bytes) -> Refusal:
    verdict = validate(topic, value)
    assert isinstance(verdict, Refusal), verdict
    return verdict


def accepted(topic: str, **fields: Any) -> ValidatedEvent:
    verdict = validate(topic, orjson.dumps({"user_id": "u1", **fields}))
    assert isinstance(verdict, ValidatedEvent), verdict
    return verdict


@pytest.mark.parametrize("name", list(FOREIGN))
def test_a_record_of_another_system_is_refused_by_its_name_with_what_to_do(name: str) -> None:
    topic, record = FOREIGN[name]
    refusal = refused(topic, orjson.dumps(record))
    assert refusal.reason is Reason.FOREIGN_RECORD
    assert name.partition(",")[0] in refusal.words
    assert len(refusal.words.split(". ")) >= 2, "a sentence that says what to do"


@pytest.mark.parametrize("name", list(FOREIGN))
def test_the_words_repeat_nothing_of_the_record(name: str) -> None:
    topic, record = FOREIGN[name]
    canary = orjson.dumps(record).replace(b'"u1"', b'"canary"').replace(b'"Vase"', b'"canary"')
    assert "canary" not in refused(topic, canary).words


@pytest.mark.parametrize(
    ("topic", "fields", "action"),
    [
        ("clicks", {"action": "view", "title": "Vase", "client_id": 1033501218.13}, Action.VIEW),
        ("clicks", {"title": "Vase", "client_id": {"ga": "1.2"}, "context": {}, "source": "web"}, Action.VIEW),
        ("clicks", {"action": "cart", "title": "Vase", "event": "add_to_cart", "type": "track"}, Action.CART),
        ("clicks", {"title": "Vase", "type": "mobile", "timestamp": 1, "properties": {}}, Action.VIEW),
        ("clicks", {"title": "Vase", "event": "product_viewed", "payload": None}, Action.VIEW),
        ("searches", {"query": "vase", "client_id": "web", "action_name": "search"}, Action.SEARCH),
        (
            "searches",
            {"query": "vase", "client_id": "web", "message": {"x": 1}, "event": "site-search-2"},
            Action.SEARCH,
        ),
        ("purchases", {"total": 5, "type": "order", "distinct_id": "d"}, Action.PURCHASE),
        ("purchases", {"total": 5, "kind": "refund", "event": "Order Refunded"}, Action.REFUND),
    ],
)
def test_a_record_of_ours_may_have_fields_of_others(topic: str, fields: dict[str, Any], action: Action) -> None:
    event = accepted(topic, **fields)
    assert (event.action, event.shopper) == (action, "user:u1")


@pytest.mark.parametrize(
    ("topic", "fields", "words"),
    [
        ("clicks", {"title": "Vase", "event": "purchase"}, "send such an event to purchases, not to clicks"),
        ("clicks", {"action": "view", "title": "Vase", "event_name": "Order Completed"}, "to purchases, not to clicks"),
        ("clicks", {"title": "Vase", "type": "search"}, "to searches, not to clicks"),
        ("clicks", {"title": "Vase", "event": "AddToCart"}, "send action: cart"),
        ("clicks", {"title": "Vase", "event": "identify"}, "no input takes"),
        ("searches", {"query": "vase", "event": "page_view"}, "to clicks, not to searches"),
        ("purchases", {"total": 5, "event": "order_refunded"}, "send kind: refund"),
        ("purchases", {"total": 5, "event_type": "begin_checkout"}, "no input takes"),
        ("reviews", {"stars": 5, "event": "purchase"}, "to purchases, not to reviews"),
    ],
)
def test_an_event_that_contradicts_the_topic_is_refused(topic: str, fields: dict[str, Any], words: str) -> None:
    refusal = refused(topic, orjson.dumps({"user_id": "u1", **fields}))
    assert refusal.reason is Reason.WRONG_TOPIC and words in refusal.words


@pytest.mark.parametrize("naming", ["event", "event_name", "event_type"])
def test_an_action_excuses_a_name_that_no_input_takes_in_the_field_type_alone(naming: str) -> None:
    fields = {"title": "Vase", "action": "cart"}
    assert accepted("clicks", **fields, type="login").action is Action.CART
    refusal = refused("clicks", orjson.dumps({"user_id": "u1", **fields, naming: "login"}))
    assert refusal.reason is Reason.WRONG_TOPIC and "no input takes" in refusal.words


def test_an_event_of_an_unknown_name_is_no_view_by_default() -> None:
    refusal = refused("clicks", b'{"user_id": "u1", "title": "Vase", "event": "colour picked"}')
    assert refusal.reason is Reason.UNKNOWN_ACTION and "colour" not in refusal.words
    assert accepted("clicks", title="Vase", action="click", event="colour picked").action is Action.CLICK


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (gzip.compress(b'{"user_id": "u1"}', mtime=0), "gzip"),
        (b"\x28\xb5\x2f\xfd\x04\x00", "zstd"),
        (b"\x00\x00\x00\x00\x07" + b'{"user_id": "u1", "title": "x"}', "schema registry (Confluent), with JSON"),
        (b"\x00\x00\x00\x00\x07\x04u1", "schema registry (Confluent), with Avro"),
        (b"Obj\x01\x04\x16avro.schema", "Avro"),
        ('{"user_id": "u1"}'.encode("utf-16"), "UTF-16"),
        (base64.b64decode("gASVDAAAAA=="), "pickle"),
    ],
    ids=["gzip", "zstd", "framed JSON", "framed Avro", "Avro", "UTF-16", "pickle"],
)
def test_bytes_that_are_no_json_are_named(value: bytes, words: str) -> None:
    refusal = refused("clicks", value)
    assert words in refusal.words
    assert refusal.reason in (Reason.NOT_UTF8, Reason.MALFORMED_JSON)
