"""A case: input records in the order of their arrival, and what is expected of them. Read from two files."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from liveprofile.streams.contract.inputs import input_kind

FIRST_ARRIVAL_MS = 1_790_000_000_000
"""The arrival of a first record without one; later ones follow a second apart."""
_EXPECTED = frozenset({"taken", "reasons", "shoppers", "snapshots", "absent"})


class UnusableCaseError(ValueError):
    """A file of cases that cannot be read; the message names the file, the line and what it should hold."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """One input record."""

    topic: str
    """The input, such as clicks."""
    value: bytes | None
    arrives_ms: int
    key: bytes = b""
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a case expects; None and empty collections expect nothing."""

    taken: list[bool | None] | None = None
    """By record: whether it is taken, that is, not dead-lettered. null leaves a record open."""
    reasons: Mapping[int, str] = field(default_factory=dict)
    """The reason of a refusal by the record's number, from 0."""
    shoppers: int | None = None
    """Number of profiles."""
    snapshots: Mapping[str, Mapping[str, Any] | None] = field(default_factory=dict)
    """Values by path, by shopper; None expects no profile."""
    absent: tuple[str, ...] = ()
    """Texts that no output may hold."""


def read_records(path: Path) -> list[Arrived]:
    """The records of a file of cases, one a line. UnusableCaseError names the line that is wrong."""
    records: list[Arrived] = []
    for number, line in enumerate(_text(path).splitlines(), start=1):
        if line.strip():
            before = records[-1].arrives_ms + 1000 if records else FIRST_ARRIVAL_MS
            records.append(_arrived(f"{path.name}, line {number}", line, before))
    if not records:
        raise UnusableCaseError(f"{path.name} holds no record.")
    return records


def read_expectation(path: Path, count: int) -> Expectation:
    """What is expected of the `count` records of a case. UnusableCaseError for what cannot be compared."""
    try:
        raw = json.loads(_text(path))
    except json.JSONDecodeError as error:
        raise UnusableCaseError(f"{path.name} is not JSON: {error}.") from None
    if not isinstance(raw, dict):
        raise UnusableCaseError(f"{path.name} has to hold an object with any of {', '.join(sorted(_EXPECTED))}.")
    if unknown := sorted(set(raw) - _EXPECTED):
        raise UnusableCaseError(f"{path.name} expects {', '.join(unknown)}; known are {', '.join(sorted(_EXPECTED))}.")
    shoppers = raw.get("shoppers")
    if shoppers is not None and (not isinstance(shoppers, int) or isinstance(shoppers, bool)):
        raise UnusableCaseError(f"{path.name}: shoppers is the number of profiles.")
    return Expectation(
        _taken(path.name, raw.get("taken"), count),
        _reasons(path.name, raw.get("reasons") or {}, count),
        shoppers,
        _snapshots(path.name, raw.get("snapshots") or {}),
        _absent(path.name, raw.get("absent") or []),
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableCaseError(f"{path.name} cannot be read: {error}.") from None


def _arrived(place: str, line: str, before_ms: int) -> Arrived:
    try:
        raw = json.loads(line)
    except json.JSONDecodeError as error:
        raise UnusableCaseError(f"{place} is not JSON: {error}.") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("topic"), str):
        raise UnusableCaseError(f"{place} has to be an object with topic, record (or raw_base64) and arrives_ms.")
    arrives_ms = raw.get("arrives_ms", before_ms)
    if not isinstance(arrives_ms, int | float) or isinstance(arrives_ms, bool):
        raise UnusableCaseError(f"{place}: arrives_ms is the broker's time in epoch milliseconds.")
    try:
        topic = input_kind(raw["topic"])
    except ValueError as error:
        raise UnusableCaseError(f"{place}: {error}") from None
    headers = tuple((str(name), str(value).encode()) for name, value in (raw.get("headers") or {}).items())
    return Arrived(topic, _value(place, raw), int(arrives_ms), str(raw.get("key") or "").encode(), headers)


def _value(place: str, raw: Mapping[str, Any]) -> bytes:
    if "raw_base64" in raw:
        try:
            return base64.b64decode(raw["raw_base64"] or "", validate=True)
        except (binascii.Error, TypeError, ValueError) as error:
            raise UnusableCaseError(f"{place}: raw_base64 is not base64: {error}.") from None
    if "record" not in raw:
        raise UnusableCaseError(f"{place} has neither record nor raw_base64.")
    return json.dumps(raw["record"], ensure_ascii=False).encode("utf-8", "surrogatepass")


def _taken(name: str, raw: Any, count: int) -> list[bool | None] | None:
    if raw is None:
        return None
    if not isinstance(raw, list) or any(one is not None and one not in (True, False) for one in raw):
        raise UnusableCaseError(f"{name}: taken is a list of true and false, one a record.")
    if len(raw) != count:
        raise UnusableCaseError(f"{name}: taken has {len(raw)} entries for {count} records.")
    return [None if one is None else bool(one) for one in raw]


def _reasons(name: str, raw: Any, count: int) -> dict[int, str]:
    """By number, which may be written as a text; a list has one entry a record, null for none."""
    if isinstance(raw, list):
        raw = {number: reason for number, reason in enumerate(raw) if reason}
    if not isinstance(raw, dict):
        raise UnusableCaseError(f"{name}: reasons is an object of reasons by record number, from 0.")
    try:
        reasons = {int(number): str(reason) for number, reason in raw.items()}
    except ValueError:
        raise UnusableCaseError(f"{name}: the keys of reasons are record numbers, from 0.") from None
    if wrong := [number for number in reasons if not 0 <= number < count]:
        raise UnusableCaseError(f"{name}: reasons has number {wrong[0]}; the records are 0 to {count - 1}.")
    return reasons


def _snapshots(name: str, raw: Any) -> dict[str, Mapping[str, Any] | None]:
    if not isinstance(raw, dict) or any(one is not None and not isinstance(one, dict) for one in raw.values()):
        raise UnusableCaseError(f'{name}: snapshots is an object such as {{"user:b1": {{"spend.orders": 1}}}}.')
    if wrong := [shopper for shopper in raw if shopper.partition(":")[0] not in ("user", "anonymous")]:
        raise UnusableCaseError(f"{name}: {wrong[0]!r} names no shopper; begin with user: or anonymous:.")
    return raw


def _absent(name: str, raw: Any) -> tuple[str, ...]:
    if isinstance(raw, str):
        return (raw,)
    if not isinstance(raw, list) or not all(isinstance(one, str) and one for one in raw):
        raise UnusableCaseError(f"{name}: absent is a list of texts that are not empty.")
    return tuple(raw)
