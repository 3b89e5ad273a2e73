"""Reads output records: strict about the types of known fields, lenient about fields that a newer program has added."""

from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from liveprofile.errors import LiveprofileError

_Record = TypeVar("_Record", bound=msgspec.Struct)


class DecodeError(LiveprofileError, ValueError):
    """An output record that this version cannot read: it is damaged, or a newer program has changed a field's type.

    The message names the record's type, the field and the type found there, never a value.
    """

    next_step = "Compare the record with docs/schemas; if its writer is newer, install its version of liveprofile."


def decode_record(kind: type[_Record], value: bytes | None) -> _Record:
    """The record of a kind that `value`, a JSON text, holds. Raises `DecodeError`."""
    if value is None:
        raise DecodeError(f"{kind.__name__}: there is no value; on a compacted topic the record means a removal")
    try:
        return _decoder(kind).decode(value)  # type: ignore[no-any-return]  # decoders of any kind stand in one cache
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise DecodeError(f"{kind.__name__}: {error}") from error


@lru_cache(maxsize=16)
def _decoder(kind: type[msgspec.Struct]) -> Any:
    return msgspec.json.Decoder(kind)
