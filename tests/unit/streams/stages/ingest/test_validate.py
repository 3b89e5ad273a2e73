"""Records are accepted as the contract says, and refused with the reason that fits."""

import time

import orjson
import pytest
from support.ingest_fakes import click

from liveprofile.profiles.records.activity import Action
from liveprofile.streams.contract.refusals import GENERAL_WORDS, Reason, Refusal
from liveprofile.streams.stages.ingest.event import ValidatedEvent
from liveprofile.streams.stages.ingest.orders import MAX_LINES
from liveprofile.streams.stages.ingest.times import event_time_ms
from liveprofile.streams.stages.ingest.validate import validate


def accepted(topic: str, **fields: object) -> ValidatedEvent:
    verdict = validate(topic, orjson.dumps({"user_id": "u1", **fields}))
    assert isinstance(verdict, ValidatedEvent), verdict
    return verdict


def reason(topic: str, value: bytes | None) -> Reason:
    verdict = validate(topic, value)
    assert isinstance(verdict, Refusal), verdict
    assert verdict.words
    return verdict.reason


def test_a_click_comes_out_clean_and_in_minor_units():
    event = accepted(
        "clicks",
        event_id="e1",
        ts="2025-06-01T12:00:00+02:00",
        action="Cart",
        title=" Red\u200b  Vase ",
        price="12.50",
        category="Home > Kitchen & Dining",
        brand="Acme",
        item_id=7,
        dwell_ms=1500.4,
        session_id="s1",
        zzz={"a": 1},
    )  # fmt: skip - a field a line would hide the event
    line = event.lines[0]
    assert (event.shopper, event.event_id, event.action) == ("user:u1", "e1", Action.CART)
    assert event.time_ms == 1748772000000
    assert (line.text, line.title, line.category) == ("red vase", "Red Vase", "home/kitchen-dining")
    assert (line.amount, line.item_id, line.dwell_ms) == (1250, "7", 1500)


def test_a_click_without_an_action_is_a_view():
    assert accepted("clicks", title="Vase").action is Action.VIEW


def test_a_click_with_nothing_but_a_shopper_is_refused():
    assert reason("clicks", b'{"user_id": "u1", "session_id": "s1", "currency": "EUR"}') is Reason.NO_OWN_FIELDS


def test_without_a_title_the_category_and_the_brand_are_the_text():
    line = accepted("clicks", category="appliances.environment.water_heater", brand="Aqua").lines[0]
    assert line.text == "appliances environment water heater aqua"
    assert accepted("clicks", brand="Aqua").lines[0].text == ""


def test_a_search_is_its_query():
    event = accepted("searches", query="  VASE\t20 cm", filters={"a": [1]}, results="12")
    assert (event.action, event.lines[0].text) == (Action.SEARCH, "vase 20 cm")


def test_an_order_becomes_a_line_an_item():
    items = [{"item_id": "a", "title": "Vase", "price": 2.55, "quantity": 6}, {"item_id": "b", "price": 1}]
    event = accepted("purchases", items=items, currency="gbp")
    assert [(line.item_id, line.amount, line.quantity) for line in event.lines] == [("a", 1530, 6), ("b", 100, 1)]
    assert (event.action, event.order_total) == (Action.PURCHASE, 1630)


def test_a_total_that_was_sent_goes_before_the_sum_of_the_lines():
    assert accepted("purchases", items=[{"price": 10}], total=8.5).order_total == 850


def test_an_order_without_items_but_with_a_total_is_one_line():
    event = accepted("purchases", total=20, kind="refund")
    assert (event.action, len(event.lines), event.lines[0].amount) == (Action.REFUND, 1, 2000)


def test_the_rest_of_a_very_long_order_is_one_line_that_keeps_its_money():
    event = accepted("purchases", items=[{"item_id": i, "price": 1, "quantity": 2} for i in range(500)])
    assert len(event.lines) == MAX_LINES
    assert sum(line.amount for line in event.lines) == event.order_total == 100_000
    assert event.lines[-1].item_id is None
    assert event.lines[-1].quantity == 602


def test_a_failed_payment_is_one_line_of_its_amount_however_much_was_in_the_cart():
    items = [{"item_id": "a", "title": "Vase", "price": 10}, {"item_id": "b", "price": 5, "quantity": 2}]
    event = accepted("purchases", items=items, kind="Failed")
    assert (event.action, event.order_total) == (Action.FAILED, 2000)
    assert [(line.amount, line.text, line.item_id) for line in event.lines] == [(2000, "", None)]


def test_what_lies_below_the_list_price_is_saved():
    items = [{"price": 8, "list_price": 10, "quantity": 3}, {"price": 8, "list_price": 7}, {"list_price": 9}]
    assert [line.saved for line in accepted("purchases", items=items).lines] == [600, 0, 0]
    assert accepted("clicks", price="7.50", list_price="10").lines[0].saved == 250


def test_the_rest_of_a_very_long_order_keeps_its_saving():
    event = accepted("purchases", items=[{"price": 1, "list_price": 2}] * 500)
    assert sum(line.saved for line in event.lines) == 50_000


def test_amounts_are_in_hundredths_whatever_the_currency():
    assert accepted("clicks", price=1200, currency="JPY").lines[0].amount == 120_000
    assert accepted("clicks", price=1.5, currency="kwd").currency == "KWD"


def test_a_known_user_goes_before_an_anonymous_one_and_numbers_are_texts():
    known = accepted("clicks", action="view", user_id=42, anonymous_id="a")
    assert known.shopper == accepted("clicks", action="view", user_id=" 42 ").shopper
    assert accepted("clicks", action="view", user_id="undefined", anonymous_id="a").shopper == "anonymous:a"


@pytest.mark.parametrize(
    "ts", [1748772000, 1748772000000, 1748772000.0, "1748772000", "1748772000000", "2025-06-01T10:00:00Z"]
)
def test_a_time_may_come_as_rfc_3339_or_epoch_seconds_or_milliseconds(ts):
    assert event_time_ms(ts) == 1748772000000


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, Reason.EMPTY_VALUE),
        (b"", Reason.EMPTY_VALUE),
        (b" " * 1_048_577, Reason.TOO_LARGE),
        (b'{"user_id": "u1', Reason.MALFORMED_JSON),
        (b'{"user_id": "u1", "price": NaN}', Reason.MALFORMED_JSON),
        (b'{"user_id": "u1", "title": "\\ud800', Reason.MALFORMED_JSON),
        (b'{"user_id": "u1", "title": "\xff"}', Reason.NOT_UTF8),
        (b'{"user_id": "u1", "zz": ' + b"[" * 100_000, Reason.TOO_DEEP),
        (b"[" * 100_000, Reason.NOT_AN_OBJECT),
        (b"null", Reason.NOT_AN_OBJECT),
        (b'[{"user_id": "u1"}]', Reason.NOT_AN_OBJECT),
        (click(price=[1]), Reason.WRONG_TYPE),
        (click(user_id=True), Reason.WRONG_TYPE),
        (b'{"user_id": "u1", "price": 1e400}', Reason.OUT_OF_RANGE),
        (b'{"user_id": ' + b"9" * 5000 + b"}", Reason.OUT_OF_RANGE),
        (click(price=-1), Reason.OUT_OF_RANGE),
        (click(price="nan"), Reason.OUT_OF_RANGE),
        (click(price="inf"), Reason.OUT_OF_RANGE),
        (click(list_price=-1), Reason.OUT_OF_RANGE),
        (click(list_price="nan"), Reason.OUT_OF_RANGE),
        (click(price=1, list_price=1e10), Reason.OUT_OF_RANGE),
        (click(dwell_ms=-1), Reason.OUT_OF_RANGE),
        (click(dwell_ms="nan"), Reason.OUT_OF_RANGE),
        (click(user_id=None), Reason.MISSING_USER),
        (click(user_id=" null "), Reason.MISSING_USER),
        (click(user_id="u" * 257), Reason.ID_TOO_LONG),
        (click(event_id="e" * 257), Reason.ID_TOO_LONG),
        (click(ts="yesterday"), Reason.BAD_TIME),
        (click(ts=0), Reason.BAD_TIME),
        (click(ts=1e300), Reason.BAD_TIME),
        (click(ts=1748772000000000), Reason.BAD_TIME),
        (click(ts="nan"), Reason.BAD_TIME),
        (click(ts="inf"), Reason.BAD_TIME),
        (click(ts="1e999"), Reason.BAD_TIME),
        (click(action="explode"), Reason.UNKNOWN_ACTION),
        (click(price=1, currency="XYZ"), Reason.UNKNOWN_CURRENCY),
        (click(title="x" * 70_000), Reason.TOO_LARGE),
    ],
)
def test_a_bad_click_is_refused_with_its_reason(value, expected):
    assert reason("clicks", value) is expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, Reason.NO_ITEMS),
        ({"items": []}, Reason.NO_ITEMS),
        ({"items": [{"price": 1}] * 5001}, Reason.TOO_MANY_ITEMS),
        ({"items": [{"price": 1, "quantity": 0}]}, Reason.NO_ITEMS),
        ({"items": [{"price": 1, "quantity": -2}]}, Reason.OUT_OF_RANGE),
        ({"items": [{"price": 1, "quantity": "nan"}]}, Reason.OUT_OF_RANGE),
        ({"items": [{"price": 1e9, "quantity": 1e6}], "currency": "KWD"}, Reason.OUT_OF_RANGE),
        ({"items": [{"price": 1e9, "quantity": 1e4}] * 150}, Reason.OUT_OF_RANGE),
        ({"items": [None]}, Reason.WRONG_TYPE),
        ({"total": 1e10}, Reason.OUT_OF_RANGE),
        ({"total": 1, "kind": "gift"}, Reason.UNKNOWN_KIND),
    ],
)
def test_a_bad_purchase_is_refused_with_its_reason(fields, expected):
    assert reason("purchases", orjson.dumps({"user_id": "u1", **fields})) is expected


def test_a_search_of_invisible_characters_has_no_text():
    assert reason("searches", orjson.dumps({"user_id": "u1", "query": "\u200b \u202e"})) is Reason.NO_TEXT


def test_a_topic_that_nobody_reads_is_refused():
    assert reason("weather", b"{}") is Reason.UNKNOWN_TOPIC


def test_every_reason_has_words():
    assert set(GENERAL_WORDS) == set(Reason)


def test_the_words_never_repeat_what_was_sent():
    for fields in (
        {"price": "<script>"},
        {"action": "<script>"},
        {"price": 1, "currency": "<script>"},
        {"ts": "<script>"},
    ):
        verdict = validate("clicks", click(**fields))
        assert isinstance(verdict, Refusal) and "script" not in verdict.words


def test_a_query_of_a_megabyte_is_refused_at_once():
    value = orjson.dumps({"user_id": "u1", "query": "a@1 " * 250_000})
    started = time.process_time()
    assert reason("searches", value) is Reason.TOO_LARGE
    assert time.process_time() - started < 0.05


@pytest.mark.parametrize(
    ("topic", "field"),
    [
        ("clicks", "price"),
        ("clicks", "list_price"),
        ("purchases", "total"),
        ("purchases", "quantity"),
        ("reviews", "stars"),
        ("clicks", "ts"),
    ],
)
def test_the_words_of_a_refusal_repeat_no_digit_of_what_was_sent(topic, field):
    """A card's number, sent by mistake as an amount."""
    inner = {field: 4929617003852741}
    sent = {"user_id": "u1", **({"items": [inner]} if field == "quantity" else inner)}
    refusal = validate(topic, orjson.dumps(sent if field != "ts" else sent | {"ts": "4929617003852741e300"}))
    assert isinstance(refusal, Refusal)
    assert "4929" not in "".join(filter(str.isdigit, refusal.words))
