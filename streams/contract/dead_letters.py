"""Dead letters: the reason of a refusal, the record's position, and its bytes, scrubbed and cut."""

import re
from base64 import b64encode
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID, uuid5

import msgspec
from msgspec import Meta, Struct

from liveprofile.streams.contract.refusals import Reason, Refusal
from liveprofile.streams.contract.scrub import scrub

KEPT_BYTES = 2048
"""Bytes of a refused record that are kept."""
_READ_BYTES = KEPT_BYTES + 512
"""Bytes that are scrubbed before the cut: little more, so that bad records do not cost much more than good ones."""
_EDGE_CHARS = 64
"""Characters that are dropped at a cut: half a card number does not look like one."""
NAMESPACE = UUID("6a1b7f52-5d0e-5b9a-8f64-2f0f6d1f7c11")
"""Ids of dead letters are UUIDv5 in this namespace."""
SCHEMA = "dead-letters.v1"

_NAMING = (
    "user_id|anonymous_id|client_id|user|customer_id|username|name|first_name|last_name|email|phone|address|ip|device"
    "|password|text|value"
)
_NAMED_VALUE = re.compile(rf'("(?:{_NAMING})"\s*+:\s*+)("(?:[^"\\]|\\.)*+"?|[^\s,}}\]]++)', re.IGNORECASE | re.DOTALL)
_ATTRIBUTES = re.compile(
    r'("attributes"\s*+:\s*+\{)((?:"(?:[^"\\]|\\.)*+"?|[^"{}])*+)(?:(?=\})|\Z|(.++))', re.IGNORECASE | re.DOTALL
)
"""Declared attributes: values by name; then the rest after a value that is an object, which is not allowed."""
_ATTRIBUTE_VALUE = re.compile(r'("(?:[^"\\]|\\.)*+"\s*+:\s*+)("(?:[^"\\]|\\.)*+"?|[^\s,]++)', re.DOTALL)
_ESCAPED = re.compile(r"\\u00([2-7][0-9a-fA-F])")
_UNPRINTABLE = (
    (0x00, 0x08),
    (0x0B, 0x1F),
    (0x7F, 0x9F),
    (0x200B, 0x200F),
    (0x2028, 0x202E),
    (0x2060, 0x206F),
    (0xFEFF, 0xFEFF),
)
_ESCAPES = {char: f"\\u{char:04x}" for first, last in _UNPRINTABLE for char in range(first, last + 1)}


class Source(Struct, gc=False):
    """Position of the refused record; clicks@1 is the first topic that replaced clicks."""

    topic: str
    partition: int
    offset: int


class DeadLetter(Struct, gc=False, omit_defaults=True):
    """A refused record. The same input record always gives the same dead letter."""

    reason: Reason
    words: Annotated[str, Meta(description="what is wrong, for a person")]
    source: Source
    time: Annotated[str, Meta(description="the input record's Kafka timestamp, RFC 3339; empty if it has none")]
    bytes: Annotated[int, Meta(description="size of the original value")]
    original: Annotated[str, Meta(description="the value as text, without personal data")] = ""
    original_base64: Annotated[str, Meta(description="the value, where it is not text")] = ""
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
) -> tuple[None, bytes, list[tuple[str, bytes]]]:
    """Key, value and CloudEvents headers of a dead letter that `stage` writes."""
    time = _rfc3339(timestamp_ms)
    original, is_text, cut = presentable(value or b"")
    letter = DeadLetter(
        reason=refusal.reason,
        words=refusal.words,
        source=Source(topic, partition, offset),
        time=time,
        bytes=len(value or b""),
        original=original if is_text else "",
        original_base64="" if is_text else b64encode(original.encode("latin-1")).decode("ascii"),
        cut=cut,
    )
    return None, _encode(letter), _headers(f"{topic}/{partition}/{offset}", time, stage)


def presentable(value: bytes) -> tuple[str, bool, bool]:
    """A value without personal data and not too long, whether it is text, and whether it was cut.

    Bytes that are not UTF-8 are read as one character per byte, so that text among them is scrubbed, too.
    """
    read = value[:_READ_BYTES]
    text, is_text = _decoded(read, broken_off=len(read) < len(value))
    scrubbed = _scrubbed(text)
    if len(read) < len(value):
        scrubbed = scrubbed[:-_EDGE_CHARS]
    kept = _cut_text(scrubbed) if is_text else scrubbed.encode("latin-1", "replace")[:KEPT_BYTES].decode("latin-1")
    return kept, is_text, len(kept) < len(scrubbed) or len(read) < len(value)


def _decoded(read: bytes, broken_off: bool) -> tuple[str, bool]:
    """As UTF-8, with a last character that our cut may have broken; else one character per byte."""
    try:
        return read.decode("utf-8"), True
    except UnicodeDecodeError as error:
        if broken_off and error.end == len(read) and error.start >= len(read) - 3:
            return read[: error.start].decode("utf-8"), True
        return read.decode("latin-1"), False


def _scrubbed(text: str) -> str:
    """Remove personal data. Escapes are decoded first, because they could hide it; control characters are escaped."""
    plain = _ESCAPED.sub(_unescaped, text)
    hidden = _ATTRIBUTES.sub(_names_only, plain)
    named = _NAMED_VALUE.sub(r'\1"[hidden]"', hidden)
    return scrub(named).translate(_ESCAPES)


def _names_only(match: re.Match[str]) -> str:
    """Keep the names of attributes and hide their values."""
    return match[1] + _ATTRIBUTE_VALUE.sub(r'\1"[hidden]"', match[2]) + ('"[hidden]"' if match[3] else "")


def _unescaped(match: re.Match[str]) -> str:
    char = chr(int(match[1], 16))
    return match[0] if char in '"\\\x7f' else char


def _cut_text(text: str) -> str:
    return text.encode("utf-8")[:KEPT_BYTES].decode("utf-8", "ignore")


def _headers(place: str, time: str, stage: str) -> list[tuple[str, bytes]]:
    """CloudEvents 1.0 in Kafka's binary mode."""
    fields: dict[str, Any] = {
        "ce_specversion": "1.0",
        "ce_id": str(uuid5(NAMESPACE, place)),
        "ce_type": "liveprofile.record.refused.v1",
        "ce_source": f"liveprofile/{stage}",
        "ce_subject": place,
        "ce_dataschema": SCHEMA,
        "content-type": "application/json",
    }
    if time:
        fields["ce_time"] = time
    return [(name, text.encode("utf-8")) for name, text in fields.items()]


def _rfc3339(timestamp_ms: int | None) -> str:
    """A Kafka timestamp as text; empty if there is none, or if it is not valid."""
    if timestamp_ms is None or not 0 <= timestamp_ms <= 253_402_300_799_999:
        return ""
    return datetime.fromtimestamp(timestamp_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
