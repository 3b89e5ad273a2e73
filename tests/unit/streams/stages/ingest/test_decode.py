"""Slips that people make are read as they were meant, and what cannot be meant is refused."""

import json
from typing import Any

import hypothesis.strategies as st
import orjson
import pytest
from hypothesis import given

from liveprofile.streams.contract.placeholders import Field, Kind, Placeholders
from liveprofile.streams.contract.refusals import Reason, Refusal
from liveprofile.streams.stages.ingest.event import ValidatedEvent
from liveprofile.streams.stages.ingest.orders import MAX_LINES
from liveprofile.streams.stages.ingest.validate import validate


def read(value: bytes, topic: str = "clicks") -> ValidatedEvent:
    verdict = validate(topic, value)
    assert isinstance(verdict, ValidatedEvent), verdict
    return verdict


def event(**fields: Any) -> bytes:
    return orjson.dumps({"user_id": "u1", **fields})


@pytest.mark.parametrize(
    ("written", "title"),
    [
        (b'"Party \\ud83c"', "Party"),
        (b'"\\udf89 Party"', "Party"),
        (b'"\\ud83c\\ud83c\\udf89 Party"', "\N{PARTY POPPER} Party"),
        (b'"\\ud83c\\udf89 Party"', "\N{PARTY POPPER} Party"),
        (b'"a \\\\ud83c"', "a \\ud83c"),
        (b'"Party \xed\xa0\xbc"', "Party"),
        (b'"\xed\xa0\xbc\xed\xbe\x89 Party"', "\N{PARTY POPPER} Party"),
    ],
)
def test_half_a_surrogate_pair_goes_and_a_whole_one_stays(written: bytes, title: str) -> None:
    assert read(b'{"user_id": "u1", "title": ' + written + b"}").lines[0].title == title


@given(st.text(), st.booleans())
def test_any_text_with_half_a_pair_in_it_is_read(text: str, raw: bool) -> None:
    value = json.dumps({"user_id": "u1", "action": "view", "title": text + "\ud83c"}, ensure_ascii=not raw)
    read(value.encode("utf-8", "surrogatepass"))


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read(b"\xef\xbb\xbf" + event(title="x")).lines[0].title == "x"


@pytest.mark.parametrize("blank", ["", "  "])
def test_an_empty_text_for_a_number_is_no_number(blank: str) -> None:
    line = read(event(title="Vase", price=blank, list_price=blank, dwell_ms=blank, ts=blank)).lines[0]
    assert (line.amount, line.saved, line.dwell_ms) == (0, 0, 0)
    order = read(event(items=[{"title": "Vase", "price": 5, "quantity": blank}], total=blank), "purchases")
    assert (order.order_total, order.lines[0].quantity) == (500, 1)
    assert read(event(stars=blank, text="good"), "reviews").lines[0].stars == 0
    assert read(event(query="vase", results=blank), "searches").lines[0].text == "vase"


def test_an_empty_text_beside_a_true_fault_does_not_hide_it() -> None:
    verdict = validate("clicks", event(title="Vase", price="", dwell_ms=[1]))
    assert isinstance(verdict, Refusal) and verdict.reason is Reason.WRONG_TYPE


def test_an_array_of_one_event_of_ubi_is_that_event_and_of_several_none() -> None:
    ubi = {
        "action_name": "click",
        "client_id": "c1",
        "event_attributes": {"object": {"object_id": "B1", "name": "Ink"}},
    }
    assert read(orjson.dumps([ubi])).shopper == "anonymous:c1"
    several = validate("clicks", orjson.dumps([ubi, ubi]))
    assert isinstance(several, Refusal) and several.reason is Reason.NOT_AN_OBJECT and "array of 2" in several.words
    ours = validate("clicks", b"[" + event(title="Vase") + b"]")
    assert isinstance(ours, Refusal) and ours.reason is Reason.NOT_AN_OBJECT


def test_lines_that_say_nothing_are_dropped_from_an_order() -> None:
    items = [{}, {"quantity": 3}, {"title": "Removed", "price": 10, "quantity": 0}, {"title": "Vase", "price": 20}]
    order = read(event(items=items), "purchases")
    assert [(line.title, line.amount) for line in order.lines] == [("Vase", 2000)]
    assert order.order_total == 2000
    assert len(read(event(items=[{}] * 200, total=5), "purchases").lines) == 1
    bare = validate("purchases", event(items=[{}] * 200))
    assert isinstance(bare, Refusal) and bare.reason is Reason.NO_ITEMS


def test_an_order_of_thousands_of_lines_keeps_its_money_and_quantity_without_their_texts() -> None:
    items = [{"title": f"t{n}", "price": 1, "list_price": 2, "quantity": 2} for n in range(1000)]
    order = read(event(items=items), "purchases")
    assert sum(line.amount for line in order.lines) == order.order_total == 200_000
    assert sum(line.quantity for line in order.lines) == 2000
    assert sum(line.saved for line in order.lines) == 200_000
    assert order.lines[-1].title == "" and order.lines[198].title == "t198"


def test_of_the_merged_lines_of_an_order_no_text_is_looked_at() -> None:
    placeholders = Placeholders()
    items = [{"title": f"t{n}", "brand": "(none)", "price": 1} for n in range(1000)]
    assert isinstance(validate("purchases", event(items=items), placeholders), ValidatedEvent)
    assert placeholders.counts == {(Field.BRAND, Kind.WORD): MAX_LINES - 1}
