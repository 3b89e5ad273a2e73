"""OpenSearch User Behavior Insights records are accepted as they are."""

import orjson
import pytest

from liveprofile.profiles.records.activity import Action
from liveprofile.streams.contract.refusals import Reason, Refusal
from liveprofile.streams.stages.ingest.event import ValidatedEvent
from liveprofile.streams.stages.ingest.passed_over import PassedOver
from liveprofile.streams.stages.ingest.ubi import is_ubi
from liveprofile.streams.stages.ingest.validate import validate


def ubi(**fields: object) -> bytes:
    event = {"application": "shop", "client_id": "c1", "query_id": "q1", "timestamp": "2024-12-10T00:01:29.378Z"}
    return orjson.dumps(event | fields)


def vase(**fields: object) -> dict[str, object]:
    return {
        "event_attributes": {
            "object": {"object_id": "p1", "object_id_field": "sku", "description": "Red Vase"},
            **fields,
        }
    }


def test_a_ubi_query_is_a_search_of_an_anonymous_shopper():
    event = validate("searches", ubi(user_query="futon frames", query_attributes={}))
    assert isinstance(event, ValidatedEvent)
    assert (event.action, event.shopper, event.lines[0].text) == (Action.SEARCH, "anonymous:c1", "futon frames")
    assert event.time_ms == 1733788889378


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("click", Action.CLICK),
        ("item_click", Action.CLICK),
        ("add_to_cart", Action.CART),
        ("product_hover", Action.VIEW),
        ("declined_product", Action.DISMISS),
        ("purchase", Action.PURCHASE),
        ("product_viewed", Action.VIEW),
        ("Order Completed", Action.PURCHASE),
    ],
)
def test_a_ubi_event_is_what_the_shopper_did_with_the_object(name, action):
    event = validate("clicks", ubi(action_name=name, user_query="vase", **vase(session_id="s1")))
    assert isinstance(event, ValidatedEvent)
    assert (event.action, event.lines[0].item_id, event.lines[0].title) == (action, "p1", "Red Vase")
    assert event.session_id == "s1"


def test_a_ubi_search_event_may_have_its_words_in_the_message():
    event = validate("clicks", ubi(action_name="on_search", message_type="QUERY", message="Handbag"))
    assert isinstance(event, ValidatedEvent) and event.lines[0].text == "handbag"


def test_a_ubi_user_goes_before_the_client_and_an_empty_one_does_not():
    known, unknown = (validate("clicks", ubi(action_name="click", user_id=user)) for user in ("u1", ""))
    assert isinstance(known, ValidatedEvent) and known.shopper == "user:u1"
    assert isinstance(unknown, ValidatedEvent) and unknown.shopper == "anonymous:c1"


def test_an_impression_is_passed_over_and_what_else_the_shop_did_is_refused():
    assert validate("clicks", ubi(action_name="impression", **vase())) == PassedOver("impression")
    verdict = validate("clicks", ubi(action_name="reindex", **vase()))
    assert isinstance(verdict, Refusal) and verdict.reason is Reason.NOT_AN_ACT


def test_the_object_may_have_its_details_beside_it_or_in_it():
    inside = {"object_id": "B1", "name": "Ink", "description": "for printers", "price": "9.90", "category": ["a", "b"]}
    for thing in (inside, {"object_id": "B1", "name": "Ink", "object_detail": {"price": 9.9, "category": "a > b"}}):
        event = validate("clicks", ubi(action_name="click", event_attributes={"object": thing}))
        assert isinstance(event, ValidatedEvent)
        line = event.lines[0]
        assert (line.item_id, line.title, line.amount, line.category) == ("B1", "Ink", 990, "a/b")
    odd = {"object_id": "B1", "price": [], "quantity": "many", "object_detail": "text", "category": {"a": 1}}
    order = validate("purchases", ubi(action_name="purchase", event_attributes={"object": odd}))
    assert isinstance(order, ValidatedEvent) and order.lines[0].quantity == 1


def test_a_purchase_has_its_price_and_quantity():
    thing = {"object_id": "B1", "price": 9.9, "quantity": 2, "transaction_id": "o-7"}
    order = validate("purchases", ubi(action_name="purchase", event_attributes={"object": thing}))
    assert isinstance(order, ValidatedEvent) and (order.order_total, order.lines[0].quantity) == (1980, 2)


@pytest.mark.parametrize(
    ("fields", "has_own", "expected"),
    [
        ("action_name client_id application", False, True),
        ("user_query user_id query_id", False, True),
        ("action_name client_id", False, True),
        ("action_name client_id application", True, False),
        ("client_id application", False, False),
        ("client_id application", True, False),
        ("action_name user_id", False, False),
        ("action_name application", False, False),
    ],
)
def test_a_record_is_ubi_by_an_act_what_stands_beside_it_a_person_and_nothing_of_ours(fields, has_own, expected):
    assert is_ubi(fields.split(), has_own) is expected


@pytest.mark.parametrize("name", ["client_id", "action_name", "user_query", "event_attributes", "application"])
def test_one_field_of_ubi_makes_no_record_of_ours_ubi(name):
    for topic, own in (
        ("clicks", {"category": "home"}),
        ("clicks", {"title": "Vase"}),
        ("searches", {"query": "vase"}),
    ):
        event = validate(topic, orjson.dumps({"user_id": "u1", **own, name: "view"}))
        assert isinstance(event, ValidatedEvent) and event.shopper == "user:u1"
        assert event.lines[0].category == ("home" if "category" in own else None)


def test_a_click_that_also_has_a_client_id_stays_a_click():
    event = validate("clicks", b'{"user_id": "u1", "client_id": "app-7", "action": "cart", "title": "Vase"}')
    assert isinstance(event, ValidatedEvent) and (event.action, event.shopper) == (Action.CART, "user:u1")
