"""Refused records with a canary in every value, in many encodings, and the search for canaries in dead letters."""

import base64
import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from random import Random
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from support.hostile import TOPICS
from support.hostile_values import honest_event

WORD, NUMBER = "Kanarie", 4_929_617_003_852_741
"""A canary is WORD with a number behind it; a numeric one begins with the digits of NUMBER, a card's."""


class Canary(NamedTuple):
    """A refused record to be, with what must not be found again."""

    topic: str
    value: bytes
    encoding: str
    word: str
    number: int


def _text(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False)


def _varint_text(text: str) -> bytes:
    """A text as Avro writes short ones: its length, zigzag, then its bytes."""
    raw = text.encode()[:63]
    return bytes([2 * len(raw)]) + raw


def _avro(record: Mapping[str, Any]) -> bytes:
    return b"\x00\x00\x00\x00\x07" + b"".join(_varint_text(str(value)) for value in record.values()) + b"\xff"


ENCODINGS: dict[str, Callable[[Mapping[str, Any]], bytes]] = {
    "JSON": lambda record: _text(record).encode(),
    "JSON with escapes": lambda record: "".join(
        f"\\u{ord(char):04x}" if char.isalnum() and 64 < ord(char) < 123 else char for char in _text(record)
    ).encode(),
    "JSON in a text": lambda record: json.dumps(json.dumps(record)).encode(),
    "JSON in a field": lambda record: json.dumps({"ts": 1, "payload": json.dumps(record)}).encode(),
    "list": lambda record: json.dumps([record, record]).encode(),
    "lines": lambda record: (_text(record) + "\n" + _text(record)).encode(),
    "cut": lambda record: _text(record).encode()[:-1],
    "UTF-16": lambda record: _text(record).encode("utf-16"),
    "UTF-16 without a mark": lambda record: _text(record).encode("utf-16-be"),
    "UTF-32": lambda record: _text(record).encode("utf-32"),
    "Latin-1": lambda record: _text({**record, "place": "Zürich"}).encode("latin-1", "replace"),
    "base64": lambda record: base64.b64encode(_text(record).encode()),
    "base64 in a field": lambda record: json.dumps(
        {"ts": 1, "data": base64.urlsafe_b64encode(_text(record).encode()).decode()}
    ).encode(),
    "hex": lambda record: _text(record).encode().hex().encode(),
    "percent": lambda record: quote(_text(record), safe="").encode(),
    "form": lambda record: urlencode({key: str(value) for key, value in record.items()}).encode(),
    "gzip": lambda record: gzip.compress(_text(record).encode(), mtime=0),
    "stored deflate": lambda record: zlib.compress(_text(record).encode(), 0),
    "CSV": lambda record: ";".join(str(value) for value in record.values()).encode(),
    "repr": lambda record: repr(dict(record)).encode(),
    "Avro": _avro,
}
"""How a record may come to be written; all of them are refused as what the topic holds."""

BREAKS: tuple[Mapping[str, Any], ...] = (
    {"ts": "{word}"},
    {"ts": "12.05.1984 {word}"},
    {"ts": None, "user_id": None, "userId": "{word}", "anonymousId": "{word}"},
    {"user_id": {"type": "crm", "key": "{word}"}},
    {"user_id": ["x", "{word}"]},
    {"action": "{word}", "kind": "{word}", "verdict": "{word}", "query": "", "stars": "{word}", "attributes": "{word}"},
    {"attributes": {"{word}": "{word}", "gender": "{word}"}, "currency": "{word}", "title": {"{word}": ["{word}"]}},
    {"price": "{word}", "stars": -1, "total": "{word}", "results": "{word}"},
    {"stars": "{number}", "price": -1, "dwell_ms": -1, "quantity": "{number}", "ts": "{number}"},
)
"""Changes that make a record refused."""


def canaries(count: int, seed: int, bases: Iterable[tuple[str, Mapping[str, Any]]] = ()) -> Iterator[Canary]:
    """`count` records; each has a canary in every value and in some keys. They come from `bases`, topic and record,
    again and again, else from generated honest events.
    """
    rng = Random(f"canaries/{seed}")
    given = list(bases)
    encodings = sorted(ENCODINGS)
    for place in range(count):
        topic, record = given[place % len(given)] if given else _generated(rng)
        word, number = f"{WORD}{rng.randrange(10**6):06d}x{place}", NUMBER + rng.randrange(10**9)
        broken = _filled({**_marked(record, rng), **rng.choice(BREAKS)}, word, number)
        encoding = encodings[place % len(encodings)]
        yield Canary(topic, ENCODINGS[encoding](broken), encoding, word, number)


def _generated(rng: Random) -> tuple[str, Mapping[str, Any]]:
    topic = rng.choice(TOPICS)
    return topic, honest_event(rng, topic)


def _marked(value: Any, rng: Random) -> Any:
    """The value with a mark in each text, and one instead of each number; here and there in a key, too."""
    if isinstance(value, Mapping):
        return {(f"{key}{{word}}" if rng.random() < 0.1 else key): _marked(one, rng) for key, one in value.items()}
    if isinstance(value, list):
        return [_marked(one, rng) for one in value]
    if isinstance(value, str):
        return rng.choice(["{word}", f"{value} {{word}}", f"{{word}} {value}"])
    return value if value is None or isinstance(value, bool) else "{number}"


def _filled(value: Any, word: str, number: int) -> Any:
    if isinstance(value, Mapping):
        return {key.replace("{word}", word): _filled(one, word, number) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, word, number) for one in value]
    if isinstance(value, str):
        return number if value == "{number}" else value.replace("{word}", word)
    return value


def forms(word: str) -> frozenset[bytes]:
    """How a word could stand in bytes: plain, wide, escaped, in hexadecimal digits, in base64 at three places."""
    plain = word.encode()
    wide = {word.encode(code) for code in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")}
    raw = {plain, plain[::-1], *wide}
    coded = {one.hex().encode() for one in raw} | {one.hex().upper().encode() for one in raw}
    for one in raw:
        for shift in range(3):
            encoded = base64.b64encode(b"\x00" * shift + one).rstrip(b"=")
            coded.add(encoded[4 if shift else 0 : -1])
    escaped = {"".join(f"\\u{ord(char):04x}" for char in word).encode(), quote(word).encode()}
    escaped |= {"".join(f"{mark}{byte:02x}" for byte in plain).encode() for mark in ("%", "\\x")}
    return frozenset(raw | coded | escaped)


def found_in(letter: Iterable[bytes], canary: Canary) -> list[bytes]:
    """The forms of the canary in key, value and headers of a dead letter. A part of it counts, too."""
    whole = b"\x00".join(letter)
    words = forms(canary.word) | forms(canary.word[:10]) | forms(WORD)
    digits = bytes(byte for byte in whole if 48 <= byte <= 57)
    number = str(canary.number)
    numbers = {number[:10].encode(), number[-10:].encode()}
    return [one for one in words if one in whole or one in whole.lower()] + [one for one in numbers if one in digits]
