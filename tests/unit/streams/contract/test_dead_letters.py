"""A dead letter says what was wrong, where, and how the record was made, and nothing that anybody wrote in it."""

import json

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveprofile.streams.contract.dead_letters import KEPT_BYTES, dead_letter
from liveprofile.streams.contract.refusals import Reason, Refusal
from liveprofile.streams.contract.shown_names import KNOWN_KEYS, KNOWN_WORDS
from liveprofile.streams.contract.structure import MOST_BYTES, Unparsed, read, structure_of

REFUSAL = Refusal(Reason.BAD_TIME, "ts is not a time.")


def letter(value: bytes | None, *, raw: bool = False) -> dict:
    return orjson.loads(dead_letter(REFUSAL, "clicks", 3, 1822, 1_750_000_000_123, value, raw=raw)[1])


def shown(value: object) -> object:
    return structure_of(json.loads(json.dumps(value)))


def test_a_dead_letter_has_the_reason_the_words_the_place_and_the_structure():
    assert letter(b'{"ts": "then"}') == {
        "reason": "bad-time",
        "words": "ts is not a time.",
        "source": {"topic": "clicks", "partition": 3, "offset": 1822},
        "time": "2025-06-15T15:06:40.123Z",
        "bytes": 14,
        "structure": {"ts": "[text of 4]"},
    }


def test_the_same_record_gives_the_same_dead_letter():
    assert dead_letter(REFUSAL, "clicks", 3, 1, 5, b"x") == dead_letter(REFUSAL, "clicks", 3, 1, 5, b"x")
    assert dead_letter(REFUSAL, "clicks", 3, 1, 5, b"x")[2] != dead_letter(REFUSAL, "clicks", 3, 2, 5, b"x")[2]


def test_the_headers_are_a_cloud_event():
    headers = dict(dead_letter(REFUSAL, "clicks", 3, 1822, 1_750_000_000_123, b"x")[2])
    assert headers["ce_specversion"] == b"1.0"
    assert headers["ce_subject"] == b"clicks/3/1822"
    assert headers["ce_time"] == b"2025-06-15T15:06:40.123Z"


def test_a_record_without_a_value_or_a_time_has_a_dead_letter_too():
    value = dead_letter(REFUSAL, "clicks", 0, 0, -1, None)[1]
    assert orjson.loads(value)["bytes"] == 0


def test_keys_of_the_contract_are_shown_and_all_others_are_counted():
    sent = {"user_id": "jane", "jane": 1, "joan": 2, "items": [{"title": "a", "for jane": None}]}
    assert shown(sent) == {
        "user_id": "[text of 4]",
        "[key of 4]": "[integer of 1 digits]",
        "[key of 4] 2": "[integer of 1 digits]",
        "items": [{"title": "[text of 1]", "[key of 8]": None}],
    }


def test_words_of_closed_lists_currencies_and_small_amounts_are_shown():
    sent = {"action": "ADD_TO_CART", "kind": "refund", "currency": "eur", "price": 12.505, "quantity": 3, "stars": 9}
    assert shown(sent) == {
        "action": "add_to_cart",
        "kind": "refund",
        "currency": "EUR",
        "price": 12.51,
        "quantity": 3,
        "stars": 9,
    }


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("action", "zoom in on Jane", "[text of 15]"),
        ("currency", "JANE", "[text of 4]"),
        ("query", "view", "[text of 4]"),
        ("price", 4111111111111111, "[integer of 16 digits]"),
        ("price", 612345678, "[integer of 9 digits]"),
        ("quantity", 19840512, "[integer of 8 digits]"),
        ("item_id", 12345, "[integer of 5 digits]"),
        ("filters", True, "[boolean]"),
        ("ts", "12.05.1984", "[text like 99.99.9999]"),
        ("ts", "+49 151 1234567", "[text like +99 999 9999999]"),
        ("price", "12,50", "[text like 99,99]"),
        ("ts", 2025550143, "[integer of 10 digits, the year 2034 in seconds]"),
        ("ts", 1_748_772_000_123, "[integer of 13 digits, the year 2025 in milliseconds]"),
        ("ts", 9 * 10**30, "[integer of 31 digits]"),
    ],
)
def test_of_other_values_only_type_and_form_are_told(field: str, value: object, told: str):
    assert shown({field: value}) == {field: told}


def test_a_structure_is_bounded_in_width_and_depth():
    deep: object = "end"
    for _ in range(100):
        deep = {"items": [deep]}
    wide = {"items": [{"title": "x", "price": 1}] * 4_000, **{f"key{n}": n for n in range(4_000)}}
    for sent in (deep, wide):
        assert len(orjson.dumps(shown(sent))) < 16_384
    assert shown(wide)["items"][-1] == "[3995 more]"


@pytest.mark.parametrize(
    ("value", "kind", "at"),
    [
        (b'{"user_id": "jane", "query": ', "text: an object", 29),
        (b'{"user_id": jane}', "text: an object", 12),
        (b"jane;view;4711", "text: other", 0),
        ('{"user_id": "jane"}'.encode("utf-16"), "UTF-16", 0),
        ('{"user_id": "jane"}'.encode("utf-32-be"), "UTF-32", 0),
        (b'{"query": "\xff"}', "text in another encoding", 11),
        (b"\x1f\x8b\x08jane", "gzip", 0),
        (b"", "nothing", 0),
        (b'{"a": "' + b"x" * MOST_BYTES, "text: an object", None),
    ],
)
def test_of_what_is_no_json_only_its_kind_and_the_place_of_the_fault_are_told(value: bytes, kind: str, at: int | None):
    assert read(value) == Unparsed(kind, at)
    assert "structure" not in letter(value)


def test_what_was_sent_is_kept_only_where_raw_letters_are_asked_for():
    sent = b'{"user_id": "jane"}'
    assert letter(sent, raw=True)["original"] == sent.decode()
    assert letter(b"\xff\x00", raw=True)["original_base64"] == "/wA="
    assert "original" not in letter(sent)


def test_a_raw_letter_is_cut_between_characters():
    kept = letter(b"x" + "ü".encode() * 5_000, raw=True)
    assert (kept["cut"], len(kept["original"].encode())) == (True, KEPT_BYTES - 1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=10), inner, max_size=8),
    max_leaves=60,
)


def texts_in(value: object) -> list[str]:
    """All keys and texts of a structure."""
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in texts_in(part)]
    if isinstance(value, list):
        return [text for part in value for text in texts_in(part)]
    return [value] if isinstance(value, str) else []


@given(JSON)
@settings(deadline=None)
def test_each_word_of_a_structure_is_ours(value: object):
    for text in texts_in(structure_of(value)):
        ours = text in KNOWN_KEYS or text in KNOWN_WORDS
        assert ours or (text.startswith("[") and not any(quote in text for quote in "\"'"))
