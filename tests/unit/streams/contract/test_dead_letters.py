"""A dead letter says what was wrong, where it was, and what was sent, without giving anybody away."""

from base64 import b64decode

import orjson
import pytest

from liveprofile.streams.contract.dead_letters import KEPT_BYTES, dead_letter, presentable
from liveprofile.streams.contract.refusals import Reason, Refusal

REFUSAL = Refusal(Reason.BAD_TIME, "ts is not a time.")


def letter(value: bytes | None) -> dict:
    return orjson.loads(dead_letter(REFUSAL, "clicks", 3, 1822, 1_750_000_000_123, value)[1])


def test_a_dead_letter_has_the_reason_the_words_and_the_place():
    assert letter(b'{"ts": "then"}') == {
        "reason": "bad-time",
        "words": "ts is not a time.",
        "source": {"topic": "clicks", "partition": 3, "offset": 1822},
        "time": "2025-06-15T15:06:40.123Z",
        "bytes": 14,
        "original": '{"ts": "then"}',
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


def test_names_and_personal_data_are_hidden_in_the_original():
    sent = b'{"user_id": "jane7", "ip":"10.0.0.1", "anonymous_id": 77, "query": "jane@example.com"'
    assert (
        letter(sent)["original"]
        == '{"user_id": "[hidden]", "ip":"[hidden]", "anonymous_id": "[hidden]", "query": "[email]"'
    )


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b'{"stars": 9, "text": "lovely"}', '{"stars": 9, "text": "[hidden]"}'),
        (b'{"about": "attribute", "value":"lovely"}', '{"about": "attribute", "value":"[hidden]"}'),
        (
            b'{"attributes": {"faith": "lovely", "age_band":47}}',
            '{"attributes": {"faith": "[hidden]", "age_band":"[hidden]"}}',
        ),
        (b'{"attributes":{"a \\"}": "lovely }", "b": "lov', '{"attributes":{"a \\"}": "[hidden]", "b": "[hidden]"'),
        (b'{"attributes": {"faith": {"is": "lovely"}}, "ts": 1}', '{"attributes": {"faith": "[hidden]"'),
    ],
)
def test_what_people_write_and_say_of_themselves_is_hidden_but_not_about_what(sent: bytes, kept: str):
    assert letter(sent)["original"] == kept


def test_a_user_id_hides_neither_behind_escapes_nor_at_the_end_of_a_broken_record():
    assert "jane" not in letter(rb'{"user\u005fid": "jane", "query": "a\u0040')["original"]
    assert "jane" not in letter(rb'{"query": "x", "user_id": "jane \"the')["original"]
    assert "jane" not in letter(rb'{"query": "jane\u0040example.com"}')["original"]


def test_bytes_that_are_no_text_come_as_base64_and_scrubbed():
    refused = letter(b'\xff\x00{"user_id": "jane"} jane@example.com')
    assert "original" not in refused
    raw = b64decode(refused["original_base64"])
    assert raw.startswith(b"\xff") and b"jane" not in raw


def test_a_long_original_is_cut_between_characters():
    kept, is_text, cut = presentable("ü".encode() * 5_000_000)
    assert (is_text, cut, len(kept.encode())) == (True, True, KEPT_BYTES)


def test_half_a_card_number_at_the_end_of_the_reading_is_dropped():
    for before in range(16_330, 16_400):
        value = b'{"user_id": "' + b"x" * (before - 14) + b'"4111 1111 1111 1111' + b" " * 5000
        kept, _, cut = presentable(value)
        assert cut and "1111" not in kept and len(kept) < 100


def test_control_and_direction_characters_are_shown_as_escapes():
    assert letter("a\x1b[31m\r\n\u202eb".encode())["original"] == "a\\u001b[31m\\u000d\n\\u202eb"
