"""Activity records are what `profiles.records.activity` reads."""

import numpy as np
import orjson
import pytest

from liveprofile.profiles.records.activity import (
    FIRST_LAYOUT,
    LAYOUT,
    VECTOR_ONE,
    Action,
    Tail,
    decode_heads,
    decode_tail,
    digest32,
    digest64,
    head_dtype_of,
    name_check,
    source_code,
    source_name,
)
from liveprofile.streams.stages.ingest.encode import Encoder
from liveprofile.streams.stages.ingest.event import Line, ValidatedEvent
from liveprofile.streams.stages.ingest.validate import validate

DIMS = 8
VECTOR = np.arange(DIMS, dtype="<i2").tobytes()


def encode(event: ValidatedEvent, nearest: str | None = None, flags: int = 0) -> list[bytes]:
    source = source_code("purchases", 3, 1822)
    return Encoder(DIMS).encode(event, [(VECTOR, nearest)] * len(event.lines), source, 1_748_772_000_123, flags)


def order(**fields: object) -> ValidatedEvent:
    items = [{"item_id": "a", "title": "Vase", "price": 2.5, "quantity": 6}, {"item_id": "b", "brand": "Acme"}]
    sent = {"user_id": "u1", "event_id": "e1", "session_id": "s1", "items": items, "total": 20, **fields}
    event = validate("purchases", orjson.dumps(sent))
    assert isinstance(event, ValidatedEvent)
    return event


def test_every_field_of_an_order_is_read_back():
    heads = decode_heads(encode(order(), flags=1), DIMS)
    assert heads["action"].tolist() == [Action.PURCHASE] * 2
    assert heads["flags"].tolist() == [1, 1]
    assert heads["line"].tolist() == [0, 1]
    assert heads["lines"].tolist() == [2, 2]
    assert heads["quantity"].tolist() == [6, 1]
    assert heads["event_time_ms"].tolist() == [1_748_772_000_123] * 2
    assert heads["event_digest"].tolist() == [digest64("e1#0"), digest64("e1#1")]
    assert source_name(heads["source"][1]) == "purchases/3/1822"
    assert heads["session"].tolist() == [digest64("s1")] * 2
    assert heads["item"].tolist() == [digest64("a"), digest64("b")]
    assert heads["brand"].tolist() == [0, digest32("acme")]
    assert heads["brand_check"].tolist() == [0, name_check("acme")]
    assert heads["amount"].tolist() == [1500, 0]
    assert heads["price"].tolist() == [250, 0]
    assert heads["order_total"].tolist() == [2000, 2000]
    assert heads["vector"].tolist() == [list(range(DIMS))] * 2


@pytest.mark.parametrize(
    ("topic", "sent"),
    [("reviews", {"user_id": "u1", "stars": 1, "text": "awful"}), ("searches", {"user_id": "u1", "query": "red vase"})],
)
def test_what_is_written_for_older_workers_says_the_same(topic: str, sent: dict[str, object]):
    event = validate(topic, orjson.dumps(sent))
    assert isinstance(event, ValidatedEvent)
    old, new = (
        Encoder(DIMS, layout=layout).encode(event, [(VECTOR, None)], source_code(topic, 0, 1), 5, 0)
        for layout in (FIRST_LAYOUT, LAYOUT)
    )
    assert (old[0][0], new[0][0]) == (FIRST_LAYOUT, LAYOUT)
    assert decode_heads(old, DIMS).tobytes() == decode_heads(new, DIMS).tobytes()
    assert decode_tail(old[0], DIMS) == decode_tail(new[0], DIMS)


def test_every_field_of_opinions_and_declarations_is_read_back():
    sent = {"user_id": "u1", "event_id": "e1", "attributes": {"language": "de", "gender": None}}
    event = validate("declarations", orjson.dumps(sent))
    assert isinstance(event, ValidatedEvent)
    heads = decode_heads(encode(event), DIMS)
    assert heads["action"].tolist() == [Action.DECLARE] * 2
    assert heads["subject"].tolist() == [digest32("language"), digest32("gender")]
    assert heads["value"].tolist() == [digest32("de"), 0]
    assert heads["event_digest"].tolist() == [digest64("e1#0"), digest64("e1#1")]
    review = validate("reviews", orjson.dumps({"user_id": "u1", "stars": 3.5, "text": "fine", "event_id": "e1"}))
    search = validate("searches", orjson.dumps({"user_id": "u1", "query": "red vase"}))
    assert isinstance(review, ValidatedEvent) and isinstance(search, ValidatedEvent)
    assert decode_heads(encode(review), DIMS)["stars"].tolist() == [35]
    assert decode_heads(encode(search), DIMS)["query_specificity"].tolist() == [search.lines[0].query_specificity]
    saved = order(items=[{"price": 2.5, "list_price": 3, "quantity": 2}])
    assert decode_heads(encode(saved), DIMS)["saved"].tolist() == [100]


def test_the_tail_has_the_texts_without_the_nulls_at_its_end():
    first, second = encode(order(session_id=None), nearest="home/decor")
    assert decode_tail(first, DIMS) == Tail("e1", "home/decor", title="Vase")
    assert decode_tail(second, DIMS) == Tail("e1", "home/decor", "Acme")
    assert first.endswith(b'"Vase"]')


def test_an_event_without_any_text_has_no_tail():
    record = encode(ValidatedEvent("user:u1", None, None, None, Action.VIEW, (Line(),)))[0]
    assert decode_tail(record, DIMS) == Tail()
    assert record.endswith(VECTOR)


def test_the_given_category_goes_before_the_nearest_topic():
    event = ValidatedEvent("user:u1", None, None, None, Action.VIEW, (Line(category="a/b"),))
    assert decode_heads(encode(event, nearest="home/decor"), DIMS)["category"][0] == digest32("a/b")


def test_without_an_event_id_there_is_no_digest():
    assert decode_heads(encode(order(event_id=None)), DIMS)["event_digest"].tolist() == [0, 0]


@pytest.mark.parametrize("dims", [1, 64, 128])
def test_the_record_has_the_size_that_its_dtype_says(dims):
    event = ValidatedEvent("user:u1", None, None, None, Action.VIEW, (Line(),))
    record = Encoder(dims).encode(event, [(np.full(dims, VECTOR_ONE, "<i2").tobytes(), None)], 0, 0, 0)[0]
    assert decode_heads([record], dims)["vector"][0].tolist() == [VECTOR_ONE] * dims


def test_the_largest_values_that_pass_validation_fit_the_record():
    sent = {"user_id": "u" * 256, "event_id": "e" * 256, "total": 1e9, "currency": "KWD"}
    items = [{"title": "t" * 60_000, "brand": "b" * 5000, "category": "c" * 60_000, "quantity": 1e6}]
    event = validate("purchases", orjson.dumps(sent | {"items": items, "ts": "2099-12-31T23:59:59Z"}))
    assert isinstance(event, ValidatedEvent)
    assert len(encode(event)[0]) < 2048


def test_amounts_in_another_currency_than_the_shop_s_are_unknown():
    line = Line(title="a", amount=500, saved=500)
    event = ValidatedEvent("user:a", None, None, None, Action.PURCHASE, (line,), 500, "GBP")
    for currency, amount in (("GBP", 500), ("EUR", 0)):
        record = Encoder(DIMS, currency).encode(event, [(VECTOR, None)], 0, 0, 0)[0]
        head = decode_heads([record], DIMS)[0]
        assert (head["amount"], head["order_total"], head["saved"]) == (amount, amount, amount)


@pytest.mark.parametrize("order_id", ["O-77", " O-77 "])
def test_an_order_and_its_refund_carry_the_digest_of_the_order_id(order_id: str) -> None:
    for kind in ("purchase", "refund"):
        heads = decode_heads(encode(order(order_id=order_id, kind=kind)), DIMS)
        assert heads["order"].tolist() == [digest64("O-77")] * 2
    failed = decode_heads(encode(order(order_id=order_id, kind="failed")), DIMS)
    assert failed["order"].tolist() == [0]


@pytest.mark.parametrize("order_id", [None, "", "  ", 0, "null", "undefined", "(not set)"])
def test_what_names_no_order_is_no_order_id(order_id: object) -> None:
    assert decode_heads(encode(order(order_id=order_id)), DIMS)["order"].tolist() == [0, 0]


@pytest.mark.parametrize(("quantity", "price"), [(0.35, 10.0), (2.5, 10.0), (1.49, 0.99), (3, 4.0)])
def test_the_price_of_an_item_is_its_own_whatever_the_quantity(quantity: float, price: float) -> None:
    heads = decode_heads(encode(order(items=[{"item_id": "a", "price": price, "quantity": quantity}])), DIMS)
    assert heads["price"].tolist() == [round(price * 100)]
    assert heads["amount"].tolist() == [round(price * quantity * 100)]


def test_amounts_in_another_currency_are_unknown_and_so_is_the_price() -> None:
    heads = decode_heads(encode(order(currency="USD")), DIMS)
    assert not (heads["price"].any() or heads["amount"].any() or heads["order_total"].any())


@pytest.mark.parametrize("layout", [2, 3])
def test_an_older_layout_is_written_without_what_it_has_no_field_for(layout: int) -> None:
    event = order(order_id="O-77")
    source = source_code("purchases", 3, 1822)
    values = Encoder(DIMS, layout=layout).encode(event, [(VECTOR, None)] * 2, source, 1_748_772_000_123, 0)
    assert {value[0] for value in values} == {layout}
    assert "order" not in (head_dtype_of(layout, DIMS).names or ())
    heads = decode_heads(values, DIMS)
    assert heads["amount"].tolist() == [1500, 0]
    assert not (heads["order"].any() or heads["price"].any() or heads["brand_check"].any())
