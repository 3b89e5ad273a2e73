"""Dead letters: the reason of a refusal, the record's position, and its structure without what the sender wrote."""

from base64 import b64encode
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from liveprofile.profiles.facts.facts import uuid5
from liveprofile.streams.contract.refusals import Reason, Refusal
from liveprofile.streams.contract.structure import Unparsed, read, structure_of

KEPT_BYTES = 2048
"""Bytes of a refused record that a raw dead letter has."""
_BROKEN_CHAR = 3
"""Bytes that a cut may leave of a character."""
NAMESPACE = UUID("6a1b7f52-5d0e-5b9a-8f64-2f0f6d1f7c11")
"""Ids of dead letters are UUIDv5 in this namespace."""
SCHEMA = "dead-letters.v1"
_SAME_HEADERS = (
    ("ce_specversion", b"1.0"),
    ("ce_type", b"liveprofile.record.refused.v1"),
    ("ce_dataschema", SCHEMA.encode()),
    ("content-type", b"application/json"),
)


class Source(Struct, gc=False):
    """Position of the refused record; clicks@1 is the first topic that replaced clicks."""

    topic: str
    partition: int
    offset: int


class DeadLetter(Struct, gc=False, omit_defaults=True):
    """A refused record. The same input record always gives the same dead letter.

    The record's Kafka key is the profile id, where the id of a shopper can be read.
    """

    reason: Reason
    words: Annotated[str, Meta(description="what is wrong, for a person; nothing in it comes from the record")]
    source: Source
    time: Annotated[str, Meta(description="the input record's Kafka timestamp, RFC 3339; empty if it has none")]
    bytes: Annotated[int, Meta(description="size of the original value")]
    structure: Annotated[
        Any,
        Meta(
            description="the value with known keys, and instead of values their types and sizes; only words of closed "
            "lists, currencies and amounts below 100,000 are shown"
        ),
    ] = UNSET
    unparsed: Annotated[Unparsed, Meta(description="instead of the structure, where the value is no JSON")] | None = (
        None
    )
    digest: Annotated[
        str, Meta(description="keyed digest of the value, 16 hex digits: equal records have equal ones")
    ] = ""
    original: Annotated[str, Meta(description="the value itself, only with the setting ingest.raw_dead_letters")] = ""
    original_base64: Annotated[str, Meta(description="the same, where it is not text")] = ""
    cut: Annotated[bool, Meta(description=f"the original was longer than the {KEPT_BYTES} bytes that are kept")] = False


_encode = msgspec.json.Encoder().encode


def dead_letter(
    refusal: Refusal,
    topic: str,
    partition: int,
    offset: int,
    timestamp_ms: int | None,
    value: bytes | None,
    *,
    stage: str = "ingest",
    content: Any = UNSET,
    profile_id: bytes | None = None,
    digest: str = "",
    raw: bool = False,
) -> tuple[bytes | None, bytes, list[tuple[str, bytes]]]:
    """Key, value and CloudEvents headers of a dead letter that `stage` writes.

    `content` is what `structure.read` gave, if that was called already; `profile_id` and `digest` are made under the
    shop's key. `raw` adds the value itself.
    """
    time = _rfc3339(timestamp_ms)
    read_value = read(value or b"") if isinstance(content, UnsetType) else content
    unparsed = read_value if isinstance(read_value, Unparsed) else None
    letter = DeadLetter(
        reason=refusal.reason,
        words=refusal.words,
        source=Source(topic, partition, offset),
        time=time,
        bytes=len(value or b""),
        structure=UNSET if unparsed else structure_of(read_value),
        unparsed=unparsed,
        digest=digest,
    )
    if raw:
        _add_original(letter, value or b"")
    return profile_id, _encode(letter), _headers(f"{topic}/{partition}/{offset}", time, stage)


def _add_original(letter: DeadLetter, value: bytes) -> None:
    """Put the start of the value into the letter: as text if it is UTF-8, else in base64."""
    kept = value[:KEPT_BYTES]
    letter.cut = len(kept) < len(value)
    try:
        letter.original = kept.decode("utf-8")
    except UnicodeDecodeError as error:
        if letter.cut and error.end == len(kept) and error.start >= len(kept) - _BROKEN_CHAR:
            letter.original = kept[: error.start].decode("utf-8")
        else:
            letter.original_base64 = b64encode(kept).decode("ascii")


def _headers(place: str, time: str, stage: str) -> list[tuple[str, bytes]]:
    """CloudEvents 1.0 in Kafka's binary mode."""
    headers = [
        *_SAME_HEADERS,
        ("ce_id", letter_id(place).encode("ascii")),
        ("ce_source", f"liveprofile/{stage}".encode()),
        ("ce_subject", place.encode("utf-8")),
    ]
    return [*headers, ("ce_time", time.encode("ascii"))] if time else headers


def letter_id(place: str) -> str:
    """The id of the letter about a record.

    >>> from uuid import uuid5
    >>> letter_id("clicks/3/1822") == str(uuid5(NAMESPACE, "clicks/3/1822"))
    True
    """
    return uuid5(NAMESPACE, place)


def _rfc3339(timestamp_ms: int | None) -> str:
    """A Kafka timestamp as text; empty if there is none, or if it is not valid."""
    if timestamp_ms is None or not 0 <= timestamp_ms <= 253_402_300_799_999:
        return ""
    return datetime.fromtimestamp(timestamp_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
