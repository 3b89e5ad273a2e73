"""The record of the links' log: what somebody said about two identifiers, checked when it is read."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from liveprofile.errors import LiveprofileError
from liveprofile.profiles.identity.identifier import Identifier

Kind = Literal["login", "logout", "link", "unlink", "merge", "unmerge", "never"]
By = Literal["record", "operator"]
LINKING: Final = ("login", "link", "unlink")
"""Kinds that make or take back a link. A later one about the same two identifiers replaces an earlier one."""
MERGING: Final = ("merge", "unmerge", "never")
"""Kinds that join two known users, take that back, or forbid that two identifiers are ever of one person."""
MAX_REASON_CHARS = 256
LAST_MS = 1 << 53
"""Beyond it a number of JSON is not exact."""


class LinkRecordError(LiveprofileError, ValueError):
    """A record of the links' log that cannot be read."""

    next_step = "Look at the record that the message names, and at docs/identity.md for its fields."


class LinkRecord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """One statement about two identifiers. The order of `a` and `b` means nothing."""

    kind: Kind
    a: Identifier
    b: Identifier
    time_ms: Annotated[int, Meta(ge=0, lt=LAST_MS)]
    """Event time."""
    source: Annotated[int, Meta(ge=0)]
    """Coordinate of the input record, see `records.coordinates`: it orders statements of the same time."""
    by: By = "record"
    """Who said it: an input record of the shop, or an operator."""
    reason: Annotated[str, Meta(max_length=MAX_REASON_CHARS)] = ""
    """The operator's words."""

    def __post_init__(self) -> None:
        if self.a == self.b:
            raise ValueError(f"{self.kind} needs two identifiers, and a and b are the same one")

    @property
    def pair(self) -> tuple[Identifier, Identifier]:
        """The two identifiers, the smaller one first."""
        return (self.a, self.b) if self.a < self.b else (self.b, self.a)


_DECODER = msgspec.json.Decoder(LinkRecord)
_ENCODER = msgspec.json.Encoder()


def decode_link(value: bytes) -> LinkRecord:
    """Read a record. LinkRecordError names the field and what it must be."""
    try:
        return _DECODER.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise LinkRecordError(f"a record of links that cannot be read: {error}") from None


def encode_link(record: LinkRecord) -> bytes:
    """The record as it stands in the log."""
    return _ENCODER.encode(record)
