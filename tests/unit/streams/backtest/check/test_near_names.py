"""Names that look like a known one, and the records that have them."""

import pytest

from liveprofile.streams.contract.inputs import INPUTS
from liveprofile.streams.contract.near_names import SYNONYMS, near
from liveprofile.streams.stages.ingest.unknown_fields import NOTHING, NearMiss, UnknownFields

CLICK = INPUTS["clicks"].__struct_fields__
PURCHASE = INPUTS["purchases"].__struct_fields__


@pytest.mark.parametrize(
    "name, looks_like",
    [
        ("titel", "title"),
        ("categroy", "category"),
        ("itemId", "item_id"),
        ("USERID", "user_id"),
        ("dwellMs", "dwell_ms"),
        ("timestamp", "ts"),
        ("sku", "item_id"),
        ("pric", "price"),
    ],
)
def test_a_slip_looks_like_the_field_that_was_meant(name: str, looks_like: str) -> None:
    assert near(name, CLICK) == looks_like


@pytest.mark.parametrize("name", ["colour", "source", "version", "utm_campaign", "data", "tenant", "is_mobile"])
def test_a_field_of_its_own_looks_like_none(name: str) -> None:
    assert near(name, CLICK) is None


@pytest.mark.parametrize("name", ["títle", "title ", "anna@example.org", "title\x1b[31m", "t" * 40, "4111111111111111"])
def test_what_is_no_short_identifier_looks_like_none(name: str) -> None:
    assert near(name, CLICK) is None


def test_synonyms_name_fields_of_the_contract() -> None:
    known = {name for struct in INPUTS.values() for name in struct.__struct_fields__} | {"quantity"}
    assert {one for meant in SYNONYMS.values() for one in meant} <= known


def test_a_name_beside_the_field_itself_is_no_slip() -> None:
    shape = UnknownFields().shape("clicks", b'{"title": "Vase", "titles": 3, "user_id": "u"}')
    assert (shape.near, shape.unknown) == ((), ("titles",))


def test_lines_of_orders_are_looked_at() -> None:
    shape = UnknownFields().shape("purchases", b'{"user_id": "u", "items": [{"titel": "Vase", "price": 3}]}')
    assert shape.near == (NearMiss("items.titel", "items.title"),)
    assert shape.known == {"user_id", "items", "items.price"}


@pytest.mark.parametrize(
    "value",
    [
        b"not json",
        b"[1]",
        b'{"action_name": "item_click", "client_id": "c", "event_attributes": {}, "titel": "x"}',
        b'{"' + b"x" * 5000 + b'": 1}',
        b"{" + b",".join(b'"f%d": 1' % n for n in range(200)) + b"}",
    ],
    ids=["no JSON", "an array", "UBI", "a long name", "many names"],
)
def test_nothing_is_said_of(value: bytes) -> None:
    assert UnknownFields().shape("clicks", value) is NOTHING
