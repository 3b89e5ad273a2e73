"""What stands for nothing names nobody, by field; what only looks like it is a true value."""

from typing import Any

import hypothesis.strategies as st
import orjson
import pytest
from hypothesis import given

from liveprofile.streams.contract.placeholders import KINDS, Field, Kind, Placeholders, kind_of
from liveprofile.streams.stages.ingest.event import ValidatedEvent
from liveprofile.streams.stages.ingest.validate import validate

NOTHING: dict[Kind, tuple[str, ...]] = {
    Kind.EMPTY: ("", " \t", "\u200b", "\u00a0"),
    Kind.ZERO: ("0", "000000", "-0", "0.0", "0,00", "-1", "'0'"),
    Kind.ZERO_UUID: (
        "00000000-0000-0000-0000-000000000000",
        "{00000000-0000-0000-0000-000000000000}",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
        "00000000000000000000000000000000",
        "00:00:00:00:00:00",
    ),
    Kind.REPEATED: ("xxxx", "aaaaaaaaaa", "111111", "9999999999", '"zzzz"'),
    Kind.SYMBOLS: ("-", "--", "?", "***", '""', "''", "{}", "[]", "()", "…", "_"),
    Kind.WORD: (
        "null",
        "NULL",
        "None",
        "undefined",
        "NaN",
        "nil",
        "unknown",
        "(not set)",
        "(Not Set)",
        "not set",
        "(none)",
        "<unknown>",
        '"null"',
        "'undefined'",
        "[object Object]",
        "[object Undefined]",
        "%5Bobject%20Object%5D",
        "n/a",
        "N/A",
        "#N/A",
        "\\N",
        "default",
        "undefined.undefined",
        "null-null",
        "ｎｕｌｌ",
    ),
    Kind.NOBODY: ("guest", "Guest User", "anonymous", "(anonymous)", "not_authenticated", "visitor", "true", "user_id"),
    Kind.TEMPLATE: (
        "{{user_id}}",
        "{{ user.id }}",
        "u-{{id}}",
        "${userId}",
        "#{user.id}",
        "<%= user.id %>",
        "<?= $id ?>",
        "[[customer]]",
        "{% id %}",
        "*|EMAIL|*",
        "%USER_ID%",
        "%%user_id%%",
        "{user_id}",
        "$user_id",
        "__USER_ID__",
        "[USER_ID]",
        "<user id>",
        ":user_id",
        "%s",
        "%(user_id)s",
    ),
}
"""Placeholders by kind, each of an id of a user."""
TRUE = (
    *("u", "7", "u0", "10", "007", "a1", "Ada", "ada@example.com", "0f", "zero", "11111", "aaa", "null0", "Nulland"),
    *("cookie-0", "guest-81723", "anonymous7", "unknown-artist", "$device:18f2", "{3F2504E0-4F89-11D3}", "İbrahim"),
    *("5e2b1c9a-0000-0000-0000-000000000001", "00-0a", "नाम", "用户1", "100%", "A&B", "x" * 65),
)


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in NOTHING.items() for text in texts])
def test_a_placeholder_names_no_user_and_no_visitor(kind: Kind, text: str) -> None:
    assert kind_of(text, Field.USER) is kind
    assert kind_of(text, Field.ANONYMOUS) is kind


@pytest.mark.parametrize("text", TRUE)
def test_what_only_looks_like_one_is_an_id(text: str) -> None:
    assert kind_of(text, Field.USER) is None


@pytest.mark.parametrize("kind", list(NOTHING))
def test_a_field_takes_its_own_kinds_for_nothing_and_no_others(kind: Kind) -> None:
    for field in set(Field) - {Field.TITLE, Field.QUERY}:
        for text in NOTHING[kind]:
            assert (kind_of(text, field) is not None) == (kind in KINDS[field]), (field, text)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (Field.BRAND, "Guest"),
        (Field.BRAND, "Guess"),
        (Field.BRAND, "Zero"),
        (Field.BRAND, "NAN"),
        (Field.BRAND, "Anonymous"),
        (Field.ITEM, "AAAA"),
        (Field.ITEM, "111111"),
        (Field.ORDER, "111111"),
        (Field.CATEGORY, "Guest room"),
        (Field.TITLE, "None"),
        (Field.TITLE, "Unknown"),
        (Field.TITLE, "0000"),
        (Field.QUERY, "guest"),
        (Field.QUERY, "n/a"),
    ],
)
def test_brands_items_titles_and_queries_of_such_names_are_true(field: Field, text: str) -> None:
    assert kind_of(text, field) is None


@pytest.mark.parametrize("text", ["(not set)", "undefined", "null", "NaN", "[object Object]", "{{title}}"])
def test_a_title_or_query_that_a_program_wrote_is_none(text: str) -> None:
    assert kind_of(text, Field.TITLE) is not None and kind_of(text, Field.QUERY) is not None


def accepted(placeholders: Placeholders, topic: str = "clicks", **fields: Any) -> ValidatedEvent:
    verdict = validate(topic, orjson.dumps({"user_id": "u1", "title": "Vase", **fields}), placeholders)
    assert isinstance(verdict, ValidatedEvent), verdict
    return verdict


def test_words_of_the_settings_are_placeholders_in_any_field_and_case_and_all_are_counted() -> None:
    placeholders = Placeholders(["House Account", "shop7"])
    event = accepted(placeholders, user_id="house account", anonymous_id="a", brand="SHOP7", device="(not set)")
    assert (event.shopper, event.lines[0].brand, event.device) == ("anonymous:a", "", "")
    assert placeholders.counts == {
        (Field.USER, Kind.SETTING): 1,
        (Field.BRAND, Kind.SETTING): 1,
        (Field.DEVICE, Kind.WORD): 1,
    }


def test_every_field_of_a_record_and_of_its_items_is_cleared() -> None:
    event = accepted(Placeholders(), event_id="undefined", session_id="0", item_id=0, category="n/a", brand="(none)")
    line = event.lines[0]
    assert (event.event_id, event.session_id, line.item_id, line.category, line.brand) == (None, None, None, None, "")
    order = {"items": [{"item_id": "null", "title": "(not set)", "brand": "NaN", "price": 5}]}
    (line,) = accepted(Placeholders(), "purchases", **order).lines
    assert (line.item_id, line.title, line.brand, line.amount) == (None, "", "", 500)


def test_a_level_of_a_category_that_stands_for_nothing_is_left_out() -> None:
    assert accepted(Placeholders(), category="Home > (not set) > Vases").lines[0].category == "home/vases"
    assert accepted(Placeholders(), category="Uncategorized").lines[0].category is None


@given(st.text(max_size=80), st.sampled_from(Field))
def test_a_value_is_judged_alike_whether_it_was_met_before_or_not(text: str, field: Field) -> None:
    known = Placeholders()
    first = known.stands_for_nothing(text, field)
    assert known.stands_for_nothing(text, field) == first == (kind_of(text, field) is not None)


@given(st.integers())
def test_of_numbers_only_zero_minus_one_and_repeated_ones_name_nobody(number: int) -> None:
    digits = str(number)
    nothing = number in (0, -1) or (len(set(digits)) == 1 and len(digits) >= 6)
    assert (kind_of(digits, Field.USER) is not None) == nothing
