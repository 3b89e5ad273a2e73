"""The names of a record's fields: what is looked at, and how much of it is remembered."""

import orjson

from liveprofile.streams.stages.ingest.unknown_fields import MOST_CHARS, NOTHING, SHAPES, NearMiss, UnknownFields

SLIP = NearMiss("titel", "title")


def record(*names: str) -> bytes:
    return orjson.dumps(dict.fromkeys(names, "x"))


def test_names_of_a_record_of_user_behavior_insights_are_not_looked_at() -> None:
    ubi = ("action_name", "client_id", "application", "titel")
    assert UnknownFields().shape("clicks", record(*ubi)) == NOTHING
    assert SLIP in UnknownFields().shape("clicks", record(*ubi, "item_id")).near, "a field of ours makes it ours"


def test_shapes_are_remembered_up_to_a_number_and_then_all_are_forgotten_at_once() -> None:
    fields = UnknownFields()
    for number in range(SHAPES):
        fields.shape("clicks", record(f"field_{number}"))
        assert len(fields._shapes) == number + 1
    assert fields.shape("clicks", record("user_id", "titel")).near == (SLIP,)
    assert len(fields._shapes) == 1


def test_the_remembered_names_have_at_most_four_mebibytes_of_characters() -> None:
    assert SHAPES * MOST_CHARS <= 4 << 20
