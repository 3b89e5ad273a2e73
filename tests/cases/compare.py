"""The differences between what a case expects and what came of it."""

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from math import isclose
from typing import Any

import orjson

from liveprofile.streams.backtest.engine.memory_log import MemoryRecord
from tests.cases.case import Expectation
from tests.cases.outcome import Outcome

_NAMED_BY = ("key", "name", "topic", "brand", "kind", "slot", "id", "action", "item", "path")
"""Fields that an entry of a list is found by."""
_ABSENT = object()
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{8,}={0,2}")
_DEEPEST = 4


def differences(expected: Expectation, outcome: Outcome) -> list[str]:
    """A sentence a difference; empty if all is as expected."""
    return [
        *_taken(expected, outcome),
        *_reasons(expected, outcome),
        *_shoppers(expected, outcome),
        *_snapshots(expected, outcome),
        *_present(expected, outcome),
    ]


def _taken(expected: Expectation, outcome: Outcome) -> Iterator[str]:
    for number, taken in enumerate(expected.taken or ()):
        refused = outcome.refused.get(number)
        if taken and refused:
            yield f"record {number} should be taken, and is refused: {refused[0]}: {refused[1]}"
        if taken is False and not refused:
            yield f"record {number} should be refused, and is taken"


def _reasons(expected: Expectation, outcome: Outcome) -> Iterator[str]:
    for number, reason in expected.reasons.items():
        refused = outcome.refused.get(number)
        if refused is None:
            yield f"record {number} should be refused as {reason}, and is taken"
        elif refused[0] != reason:
            yield f"record {number} should be refused as {reason}, and is as {refused[0]}: {refused[1]}"


def _shoppers(expected: Expectation, outcome: Outcome) -> Iterator[str]:
    if expected.shoppers is not None and expected.shoppers != len(outcome.profiles):
        yield f"there should be {expected.shoppers} profiles, and are {len(outcome.profiles)}"


def _snapshots(expected: Expectation, outcome: Outcome) -> Iterator[str]:
    for shopper, values in expected.snapshots.items():
        snapshot = outcome.snapshot(shopper)
        if values is None:
            if snapshot is not None:
                yield f"{shopper} should have no profile, and has one"
            continue
        if snapshot is None:
            yield f"{shopper} should have a profile, and has none"
            continue
        for path, value in values.items():
            found = value_at(snapshot, path)
            if not _equal(value, found):
                yield f"{shopper} {path} should be {_shown(value)}, and is {_shown(found)}"


def value_at(value: Any, path: str) -> Any:
    """The value at a dotted path: keys of objects, and numbers or names of the entries of lists; null if absent.

    >>> value_at({"brands": [{"brand": "Acme", "share": 1.0}], "a": {"b.c": 2}}, "brands.Acme.share")
    1.0
    >>> value_at({"brands": [], "a": {"b.c": 2}}, "a.b.c"), value_at([7], "0"), value_at([7], "1")
    (2, 7, None)
    """
    found = _walk(value, path.split(".") if path else [])
    return None if found is _ABSENT else found


def _walk(value: Any, steps: list[str]) -> Any:
    """A key may hold dots: the longest that fits is taken."""
    if not steps:
        return value
    for end in range(len(steps), 0, -1):
        inner = _entry(value, ".".join(steps[:end]))
        if inner is not _ABSENT and (found := _walk(inner, steps[end:])) is not _ABSENT:
            return found
    return _ABSENT


def _entry(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return value.get(name, _ABSENT)
    if not isinstance(value, list):
        return _ABSENT
    if re.fullmatch(r"-?\d+", name) and -len(value) <= int(name) < len(value):
        return value[int(name)]
    for one in value:
        if one == name or (isinstance(one, dict) and any(str(one.get(field)) == name for field in _NAMED_BY)):
            return one
    return _ABSENT


def _equal(expected: Any, found: Any) -> bool:
    """Whether they are the same; numbers to six digits."""
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    if isinstance(expected, int | float) and isinstance(found, int | float):
        return isclose(expected, found, rel_tol=1e-6, abs_tol=1e-9)
    if isinstance(expected, list) and isinstance(found, list):
        return len(expected) == len(found) and all(map(_equal, expected, found))
    if isinstance(expected, dict) and isinstance(found, dict):
        return expected.keys() == found.keys() and all(_equal(expected[key], found[key]) for key in expected)
    return bool(expected == found)


def _shown(value: Any) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= 120 else text[:117] + "..."


def _present(expected: Expectation, outcome: Outcome) -> Iterator[str]:
    """The texts that stand in an output, with the first topic that holds each."""
    for text in expected.absent:
        needles = tuple({text.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be")})
        held = next((one.topic for one in outcome.records if _holds(one, needles, text)), None)
        if held is not None:
            yield f"{text!r} should stand in no output, and stands in {held}"


def _holds(record: MemoryRecord, needles: tuple[bytes, ...], text: str) -> bool:
    parts = [record.key or b"", record.value or b""]
    parts += [part for name, value in record.headers for part in (name.encode(), value or b"")]
    return any(_in_bytes(part, needles, text, 0) for part in parts)


def _in_bytes(raw: bytes, needles: tuple[bytes, ...], text: str, depth: int) -> bool:
    """Whether bytes hold a text: as they are, decoded as JSON, out of base64, or decompressed."""
    if any(needle in raw for needle in needles):
        return True
    if depth > _DEEPEST:
        return False
    try:
        if any(_in_text(one, needles, text, depth) for one in _texts(orjson.loads(raw))):
            return True
    except orjson.JSONDecodeError:
        pass
    if any(_in_bytes(inner, needles, text, depth + 1) for inner in _decompressed(raw)):
        return True
    return any(_in_bytes(inner, needles, text, depth + 1) for part in _BASE64.findall(raw) for inner in _decoded(part))


def _in_text(one: str, needles: tuple[bytes, ...], text: str, depth: int) -> bool:
    return text in one or (depth < _DEEPEST and _in_bytes(one.encode("utf-8", "replace"), needles, text, depth + 1))


def _texts(value: Any) -> Iterator[str]:
    """All texts of a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _decompressed(raw: bytes) -> Iterator[bytes]:
    for window in (31, 15) if raw[:2] == b"\x1f\x8b" or raw[:1] == b"\x78" else ():
        with suppress(zlib.error):
            yield zlib.decompressobj(window).decompress(raw, 1 << 22)


def _decoded(part: bytes) -> Iterator[bytes]:
    bare = part.rstrip(b"=").replace(b"+", b"-").replace(b"/", b"_")
    with suppress(binascii.Error, ValueError):
        yield base64.urlsafe_b64decode(bare + b"=" * (-len(bare) % 4))
