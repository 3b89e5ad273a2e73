"""Decodes a record's value: as the contract says, or with the slips that people make; a refusal says what it is."""

import re
from collections.abc import Mapping
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType

from liveprofile.streams.contract.inputs import INPUTS, MAX_RECORD_BYTES, Input
from liveprofile.streams.contract.refusals import Reason, RefusedError
from liveprofile.streams.stages.ingest.foreign_records import MARKS, check_names, refuse_foreign
from liveprofile.streams.stages.ingest.passed_over import PassedOver
from liveprofile.streams.stages.ingest.ubi import is_ubi, read_ubi

_MARKED = [(name, Raw | UnsetType, UNSET) for name in MARKS]
_DECODERS: dict[str, msgspec.json.Decoder[Input]] = {
    topic: msgspec.json.Decoder(
        msgspec.defstruct(f"Marked{struct.__name__}", _MARKED, bases=(struct,), kw_only=True, gc=False), strict=False
    )
    for topic, struct in INPUTS.items()
}
"""Lax decoders: a number may also be a text, as in CSV exports. They keep the fields that other systems have."""
_marks_of = attrgetter(*MARKS)
_NO_MARKS = (UNSET,) * len(MARKS)
_BOM = b"\xef\xbb\xbf"
_ESCAPES = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.", re.DOTALL
)
"""Escapes of JSON, one after the other; the group is half a surrogate pair."""
_UNCLEAR = frozenset(
    {
        Reason.MISSING_USER,
        Reason.WRONG_TYPE,
        Reason.OUT_OF_RANGE,
        Reason.NO_TEXT,
        Reason.NO_ITEMS,
        Reason.EMPTY_REVIEW,
        Reason.UNKNOWN_FEEDBACK,
        Reason.NO_ATTRIBUTES,
        Reason.NO_OWN_FIELDS,
    }
)
"""Reasons that a record of another system usually has first."""
_MAGIC = (
    (b"\x1f\x8b", "compressed by gzip: let the producer compress (compression.type), and write JSON as the value"),
    (
        b"\x28\xb5\x2f\xfd",
        "compressed by zstd: let the producer compress (compression.type), and write JSON as the value",
    ),
    (
        b"\x04\x22\x4d\x18",
        "compressed by lz4: let the producer compress (compression.type), and write JSON as the value",
    ),
    (b"\xff\x06\x00\x00sNaPpY", "compressed by snappy: let the producer compress, and write JSON as the value"),
    (b"\x82SNAPPY\x00", "compressed by snappy: let the producer compress, and write JSON as the value"),
    (b"PK\x03\x04", "a ZIP archive: write JSON as the value"),
    (b"Obj\x01", "an Avro file: write JSON as the value"),
    (b"PAR1", "a Parquet file: write JSON as the value"),
    (b"\xac\xed\x00\x05", "a serialised Java object: write JSON as the value"),
    (b"\x80\x04\x95", "a pickle of Python: write JSON as the value"),
    (b"\xff\xfe", "in UTF-16 or UTF-32: write UTF-8"),
    (b"\xfe\xff", "in UTF-16: write UTF-8"),
    (b"{\x00", "in UTF-16 or UTF-32: write UTF-8"),
    (b"\x00{", "in UTF-16: write UTF-8"),
)
_FRAME_BYTES = 5
"""A record in the format of a schema registry (Confluent) begins with a zero and four bytes of the schema's number."""


def decode(topic: str, value: bytes | None) -> Input | PassedOver:
    """The record in a value. RefusedError for one that is none of the topic's."""
    if not value:
        raise RefusedError(Reason.EMPTY_VALUE)
    if len(value) > MAX_RECORD_BYTES:
        raise RefusedError(
            Reason.TOO_LARGE, f"The record has {len(value):,} bytes; the largest accepted has {MAX_RECORD_BYTES:,}."
        )
    decoder = _DECODERS.get(topic)
    if decoder is None:
        raise RefusedError(Reason.UNKNOWN_TOPIC)
    try:
        event = decoder.decode(value)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        return _second_reading(topic, decoder, value, error)
    try:
        return _judge_marked(topic, event, value) if _marks_of(event) != _NO_MARKS else event
    except (msgspec.MsgspecError, RecursionError) as error:
        raise _undecodable(value, error) from None


def explained(topic: str, value: bytes, refused: RefusedError) -> RefusedError:
    """The refusal, or one that names the system whose record it looks like."""
    if refused.refusal.reason not in _UNCLEAR:
        return refused
    try:
        fields = _fields(value)
        refuse_foreign(topic, fields, has_own=has_own(topic, fields))
    except RefusedError as foreign:
        return foreign
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass
    return refused


def has_own(topic: str, fields: Mapping[str, Any]) -> bool:
    """Whether a record has any field that its input has and records of other systems have not."""
    return not (OWN[topic] - _EVERYBODYS).isdisjoint(fields)


def _has_any(topic: str, fields: Mapping[str, Any]) -> bool:
    """Whether a record has any field of its input beside those that all inputs have."""
    return not OWN[topic].isdisjoint(fields)


OWN: dict[str, frozenset[str]] = {
    topic: frozenset(struct.__struct_fields__) - frozenset(INPUTS["clicks"].__mro__[1].__struct_fields__) - {"currency"}  # type: ignore[attr-defined]  # the base is a struct
    for topic, struct in INPUTS.items()
}
"""The fields of each input beside those that all have."""
_EVERYBODYS = frozenset({"price", "category", "brand"})
"""Fields that trackers write by the same names."""


def _judge_marked(topic: str, event: Input, value: bytes) -> Input | PassedOver:
    """A record with fields that other systems have: theirs, or ours with more fields than the contract has."""
    fields = _fields(value)
    if is_ubi(fields, _has_any(topic, fields)):
        return read_ubi(topic, value)
    refuse_foreign(topic, fields, has_own=has_own(topic, fields))
    check_names(topic, fields)
    return event


def _fields(value: bytes) -> dict[str, Any]:
    """The record's fields; null counts as none."""
    read = _FIELDS.decode(value)
    return {name: raw for name, raw in read.items() if bytes(raw) != b"null"}


_FIELDS = msgspec.json.Decoder(dict[str, Raw])


def _second_reading(
    topic: str, decoder: msgspec.json.Decoder[Input], value: bytes, error: Exception
) -> Input | PassedOver:
    """A value that is not as the contract says, read with what people may be forgiven; else refused."""
    try:
        mended = _mended(value)
        if mended != value:
            return decode(topic, mended)
        if isinstance(error, msgspec.ValidationError):
            return _laxer(topic, decoder, value, error)
    except RefusedError:
        raise
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass  # the first error tells more
    raise _undecodable(value, error) from None


def _mended(value: bytes) -> bytes:
    """The value without a byte order mark and without halves of surrogate pairs."""
    value = value.removeprefix(_BOM)
    if b"\\u" in value:
        value = _ESCAPES.sub(lambda match: b"" if match[1] else match[0], value)
    if b"\xed" in value:
        try:
            value.decode("utf-8")
        except UnicodeDecodeError:
            text = value.decode("utf-8", "surrogatepass")
            value = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore").encode()
    return value


def _laxer(
    topic: str, decoder: msgspec.json.Decoder[Input], value: bytes, error: msgspec.ValidationError
) -> Input | PassedOver:
    """An array of one event of UBI, or a record with empty texts, which stand for no value."""
    raw = msgspec.json.decode(value)
    if isinstance(raw, list):
        if len(raw) == 1 and isinstance(raw[0], dict) and is_ubi(raw[0], _has_any(topic, raw[0])):
            return read_ubi(topic, msgspec.json.encode(raw[0]))
        raise RefusedError(
            Reason.NOT_AN_OBJECT,
            f"The value is an array of {len(raw):,}: write each event as a record of its own."
            if raw
            else "The value is an empty array; an event is an object.",
        )
    if not isinstance(raw, dict):
        raise error
    if is_ubi(raw, _has_any(topic, raw)):
        return read_ubi(topic, value)
    tidy = _without_blanks(raw)
    if isinstance(items := tidy.get("items"), list):
        tidy["items"] = [_without_blanks(item) if isinstance(item, dict) else item for item in items]
    if tidy == raw:
        raise error
    return decode(topic, msgspec.json.encode(tidy))


def _without_blanks(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in fields.items() if not (isinstance(one, str) and not one.strip())}


def _undecodable(value: bytes, error: Exception) -> RefusedError:
    """The refusal for a decoder's error. Its messages name types and paths, never a value."""
    if isinstance(error, RecursionError):
        return RefusedError(Reason.TOO_DEEP)
    looks = _looks_like(value)
    if isinstance(error, UnicodeDecodeError):
        return RefusedError(Reason.NOT_UTF8, looks)
    if not isinstance(error, msgspec.ValidationError):
        return RefusedError(Reason.MALFORMED_JSON, looks or f"The text is not JSON: {error}.")
    if "out of range" in str(error):
        return RefusedError(Reason.OUT_OF_RANGE, f"{error}.")
    return RefusedError(Reason.WRONG_TYPE if "at `$" in str(error) else Reason.NOT_AN_OBJECT, f"{error}.")


def _looks_like(value: bytes) -> str:
    """A sentence about bytes that are no JSON; empty if they look like nothing known."""
    for magic, words in _MAGIC:
        if value.startswith(magic):
            return f"The value is {words}."
    if value[0] == 0 and len(value) > _FRAME_BYTES:
        inner = "JSON" if value[_FRAME_BYTES:].lstrip()[:1] == b"{" else "Avro or Protobuf"
        return (
            f"The value is framed for a schema registry (Confluent), with {inner} in it: "
            "write plain JSON, without the serialiser of a schema registry."
        )
    return ""
