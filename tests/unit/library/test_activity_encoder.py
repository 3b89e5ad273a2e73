"""Activities without Kafka are those that the stage ingest writes."""

import numpy as np
import pytest

from liveprofile import ActivityEncoder, Policy, RefusedError, profile_id
from liveprofile.profiles.records.activity import VECTOR_ONE, decode_heads, source_name

KEY = b"a key for this test, long enough"
DIMS = Policy().dims
ORDER = (
    b'{"user_id": "u-1", "ts": 1767268800, "total": 30, "items": [{"title": "Pan", "price": 10}, {"title": "Lid", '
    b'"price": 20}]}'
)


def test_an_order_becomes_an_activity_a_line_under_the_profile_id_of_its_user() -> None:
    keys, values = ActivityEncoder(KEY).encode("purchases", ORDER, offset=7)
    heads = decode_heads(values, DIMS)
    assert [key.decode() for key in keys] == [profile_id("u-1", KEY)] * 2
    assert (heads["line"].tolist(), heads["order_total"].tolist()) == ([0, 1], [3000, 3000])
    assert {source_name(source) for source in heads["source"]} == {"purchases/0/7"}


def test_texts_get_the_vectors_that_embed_gives() -> None:
    asked: list[str] = []

    def embed(texts):
        asked.extend(texts)
        return np.eye(len(texts), DIMS, dtype=np.float32)

    _, values = ActivityEncoder(KEY, embed=embed).encode("purchases", ORDER, offset=0)
    vectors = decode_heads(values, DIMS)["vector"]
    assert asked == ["pan", "lid"]
    assert [int(vector.argmax()) for vector in vectors] == [0, 1]
    assert vectors.max() == VECTOR_ONE


def test_vectors_of_another_size_are_refused() -> None:
    encoder = ActivityEncoder(KEY, embed=lambda texts: np.zeros((len(texts), 3), dtype=np.float32))
    with pytest.raises(ValueError, match=r"shape \(2, 3\), expected \(2, 128\)"):
        encoder.encode("purchases", ORDER, offset=0)


def test_a_record_without_a_time_gets_the_one_that_is_given() -> None:
    _, values = ActivityEncoder(KEY).encode(
        "clicks", b'{"user_id": "u-1", "title": "Vase"}', offset=0, now_ms=1_767_268_800_123
    )
    assert decode_heads(values, DIMS)["event_time_ms"].tolist() == [1_767_268_800_123]


def test_a_record_that_is_not_valid_is_refused_with_the_reason_and_a_next_step() -> None:
    with pytest.raises(RefusedError, match="user_id") as caught:
        ActivityEncoder(KEY).encode("clicks", b'{"category": "books"}', offset=0)
    assert (caught.value.retryable, bool(caught.value.next_step)) == (False, True)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="pseudonym key has 5 bytes"):
        ActivityEncoder(b"short")
