"""Hostile input records, drawn from a seed: for the fuzz of ingest in memory, and for the same over a real broker."""

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, NamedTuple

from support.hostile_values import NASTY_TEXTS, WRONG_VALUES, honest_event

TOPICS = ("clicks", "searches", "purchases", "reviews", "feedback", "declarations")


class HostileRecord(NamedTuple):
    """One record to send, and the name of what is wrong with it."""

    topic: str
    key: bytes | None
    value: bytes | None
    trick: str


def hostile_records(count: int, seed: int) -> Iterator[HostileRecord]:
    """`count` records; every trick comes in turn, what it does is drawn from the seed. A few turn out to be valid."""
    rng = Random(f"hostile/{seed}")
    tricks = sorted(TRICKS)
    for place in range(count):
        trick = tricks[place % len(tricks)]
        topic = rng.choice(TOPICS)
        yield HostileRecord(topic, _key(rng), TRICKS[trick](rng, topic), trick)


def _key(rng: Random) -> bytes | None:
    return rng.choice([None, b"", b"key", rng.randbytes(8), b"\x00" * 200])


def _honest_bytes(rng: Random, topic: str) -> bytes:
    return json.dumps(honest_event(rng, topic)).encode()


def _flipped_bits(rng: Random, topic: str) -> bytes:
    value = bytearray(_honest_bytes(rng, topic))
    for _ in range(rng.randint(1, 6)):
        value[rng.randrange(len(value))] ^= 1 << rng.randrange(8)
    return bytes(value)


def _truncated(rng: Random, topic: str) -> bytes:
    value = _honest_bytes(rng, topic)
    return value[: rng.randrange(len(value))]


def _spliced(rng: Random, topic: str) -> bytes:
    one, two = _honest_bytes(rng, topic), _honest_bytes(rng, rng.choice(TOPICS))
    return one[: rng.randrange(len(one))] + two[rng.randrange(len(two)) :]


def _wrong_value(rng: Random, topic: str) -> bytes:
    """One field's value is replaced in the JSON text, so that it need not be JSON."""
    event = honest_event(rng, topic)
    others = ("device", "ip", "locale", "dwell_ms", "currency", "kind", "brand", "list_price", "value", "client_id")
    field = rng.choice([*event, "anonymous_id", *others])
    text = json.dumps(event | {field: "@here@"})
    return text.replace('"@here@"', rng.choice(WRONG_VALUES)).encode("utf-8", "surrogatepass")


def _wrong_item(rng: Random, topic: str) -> bytes:
    field = rng.choice(["item_id", "title", "category", "brand", "price", "quantity"])
    event = honest_event(rng, "purchases") | {"items": [{field: "@here@"}] * rng.choice([1, 3])}
    return json.dumps(event).replace('"@here@"', rng.choice(WRONG_VALUES)).encode("utf-8", "surrogatepass")


def _wrong_attribute(rng: Random, topic: str) -> bytes:
    """Declarations beyond the vocabulary, or with values that nobody can have."""
    name = rng.choice(["language", "household_size", "age_band", "preferred_category", "religion", "", "x" * 5000])
    event = honest_event(rng, "declarations") | {"attributes": {name: "@here@"}}
    return json.dumps(event).replace('"@here@"', rng.choice(WRONG_VALUES)).encode("utf-8", "surrogatepass")


def _nasty_text(rng: Random, topic: str) -> bytes:
    event = honest_event(rng, topic)
    for field in rng.sample(sorted(event), 2):
        event[field] = rng.choice(NASTY_TEXTS)
    return json.dumps(event, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")


def _nasty_names(rng: Random, topic: str) -> bytes:
    return json.dumps(
        {rng.choice(NASTY_TEXTS): 1, "__proto__": {}, "__class__": "x"} | honest_event(rng, topic)
    ).encode()


def _deep(rng: Random, topic: str) -> bytes:
    depth = rng.choice([50, 900, 1100, 100_000])
    opening, closing = rng.choice([(b"[", b"]"), (b'{"a":', b"}")])
    nested = opening * depth + b"1" + closing * (depth if rng.random() < 0.5 else 0)
    return rng.choice([nested, b'{"user_id": "u1", "filters": ' + nested + b"}", b'{"user_id": "u1", "zz": ' + nested])


def _huge(rng: Random, topic: str) -> bytes:
    size = rng.choice([70_000, 300_000, 1_000_000, 1_048_577])
    text = rng.choice(["a", "a@", "1 ", "4111 ", "\\u0301", "ﷺ"])
    words = text * (size // len(text.encode()))
    return f'{{"user_id": "u1", "{rng.choice(["query", "title", "junk"])}": "{words}"}}'.encode()


def _many_items(rng: Random, topic: str) -> bytes:
    count = rng.choice([0, 199, 200, 201, 1500, 5001])
    return json.dumps(honest_event(rng, "purchases") | {"items": [{"item_id": 1, "price": 1}] * count}).encode()


def _not_an_object(rng: Random, topic: str) -> bytes:
    return rng.choice(
        [b"null", b"true", b"0", b'"text"', b"[]", b'[{"user_id": 1}]', b"{}", b"{} {}", b"\xef\xbb\xbf{}"]
    )


def _other_encoding(rng: Random, topic: str) -> bytes:
    event = honest_event(rng, topic) | {"title": "Größe", "query": "Größe"}
    return json.dumps(event, ensure_ascii=False).encode(
        rng.choice(["latin-1", "utf-16", "utf-32", "utf-8-sig", "cp1252"])
    )


def _binary(rng: Random, topic: str) -> bytes:
    start = rng.choice(
        [b"", b"\x00\x00\x00\x00\x01", b"\x1f\x8b\x08", b"\x80\x04", b"Obj\x01", b"PK\x03\x04", b"\x00" * 64]
    )
    return start + rng.randbytes(rng.randrange(200))


def _repeated_fields(rng: Random, topic: str) -> bytes:
    return b'{"user_id": "a", "user_id": null, "user_id": "b", "query": "x", "query": 7, "title": "y"}'


def _nobody(rng: Random, topic: str) -> bytes:
    event = honest_event(rng, topic)
    event["user_id"] = rng.choice([None, "", "  ", "null", "undefined", "None", "NaN", "\u00a0"])
    return json.dumps(event).encode()


def _far_times(rng: Random, topic: str) -> bytes:
    times = [
        0,
        -1,
        1,
        4102444800,
        4102444800000,
        2**53,
        2**63,
        10**300,
        "9999-12-31T23:59:59Z",
        "0001-01-01",
        1e11,
        99999999999,
    ]
    return json.dumps(honest_event(rng, topic) | {"ts": rng.choice(times)}).encode()


def _ubi(rng: Random, topic: str) -> bytes:
    record = {
        "client_id": rng.choice(["c1", 7, None, ["x"]]),
        "action_name": rng.choice(["page_exit", "click", "purchase", "search", "", None, 5, "x" * 300]),
        "user_query": rng.choice(["vase", "", None, 3]),
        "timestamp": rng.choice(["2025-06-01T10:00:00Z", 1748772000123, "then", None]),
        "event_attributes": rng.choice(
            [None, {}, [], {"object": None}, {"object": {"object_id": 1, "description": "Vase"}}]
        ),
    }
    return json.dumps(record).encode()


def _foreign(rng: Random, topic: str) -> bytes:
    """Records of other systems, some with fields of ours beside theirs."""
    record: dict[str, Any] = rng.choice(
        [
            {"type": "track", "event": "Order Completed", "userId": "u1", "anonymousId": "a1", "messageId": "m1"},
            {"event": "$pageview", "distinct_id": "u1", "properties": {"token": "t"}},
            {"before": None, "after": {"id": 1}, "op": "c", "ts_ms": 1},
            {"event_name": "purchase", "user_pseudo_id": "1.2", "event_params": []},
            {"id": 1, "line_items": [], "billing_address": {}, "total_price": "1.00"},
            {"specversion": "1.0", "type": "x", "source": "/x", "id": "1", "data": {}},
        ]
    )
    named = {rng.choice(["event", "event_name", "type"]): rng.choice(["purchase", "Order Completed", "login", 7, None])}
    return json.dumps(
        rng.choice([record, record | honest_event(rng, topic), honest_event(rng, topic) | named])
    ).encode()


TRICKS: dict[str, Callable[[Random, str], bytes | None]] = {
    "binary": _binary,
    "deep json": _deep,
    "empty value": lambda rng, topic: b"",
    "far times": _far_times,
    "flipped bits": _flipped_bits,
    "foreign": _foreign,
    "huge": _huge,
    "many items": _many_items,
    "nasty names": _nasty_names,
    "nasty text": _nasty_text,
    "nobody": _nobody,
    "not an object": _not_an_object,
    "null value": lambda rng, topic: None,
    "other encoding": _other_encoding,
    "random bytes": lambda rng, topic: rng.randbytes(rng.randrange(1, 400)),
    "repeated fields": _repeated_fields,
    "spliced": _spliced,
    "truncated": _truncated,
    "ubi": _ubi,
    "wrong attribute": _wrong_attribute,
    "wrong item": _wrong_item,
    "wrong value": _wrong_value,
}
"""What can be wrong with a record, by name."""
