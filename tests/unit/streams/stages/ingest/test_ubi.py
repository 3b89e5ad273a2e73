"""OpenSearch User Behavior Insights records are accepted as they are."""

import orjson
import pytest

from liveprofile.profiles.records.activity import Action
from liveprofile.streams.contract.refusals import Reason, Refusal
from liveprofile.streams.stages.ingest.event import ValidatedEvent
from liveprofile.streams.stages.ingest.passed_over import PassedOver
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


def test_a_click_that_also_has_a_client_id_stays_a_click():
    event = validate("clicks", b'{"user_id": "u1", "client_id": "app-7", "action": "cart", "title": "Vase"}')
    assert isinstance(event, ValidatedEvent) and (event.action, event.shopper) == (Action.CART, "user:u1")
