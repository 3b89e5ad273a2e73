"""Marks: how far ingest has come, written among the activities that came of it.

A mark is a header of a record of `activity`. It says of some input partitions: whatever came of their records up to
and including these offsets, and belongs to this partition of `activity`, is that record or stands before it. The last
activity of a batch carries it. Where there is none, a tick at 0 does, which has no effect on any fold. So nobody has to
know of marks: older workers, replays and rebuilds pass over them.

    version   1 byte
    places    8 bytes each, little-endian: see `profiles.records.coordinates.source_code`
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from liveprofile.profiles.records.activity import Kind, control_record
from liveprofile.profiles.records.coordinates import OFFSET_BITS

if TYPE_CHECKING:
    from liveprofile.streams.transport.record import Item, Record

HEADER = "mark"
KEY = b"\x00mark"
"""Key of records that are there for their mark alone; no profile id looks like it."""
VERSION = b"\x01"


def encode_mark(places: Iterable[int]) -> bytes:
    """The header's value: the newest place of each input partition.

    >>> decode_mark(encode_mark([7, 1 << 63]))
    (7, 9223372036854775808)
    """
    chosen = list(places)
    return VERSION + struct.pack(f"<{len(chosen)}Q", *chosen)


def decode_mark(value: bytes) -> Sequence[int]:
    """The places of a header; none of what is no mark, or one of another version.

    >>> decode_mark(b"\\x02new"), decode_mark(b"\\x01half")
    ((), ())
    """
    if value[:1] != VERSION:
        return ()
    try:
        return tuple(place for (place,) in struct.iter_unpack("<Q", value[1:]))
    except struct.error:
        return ()


def marked(item: Item, mark: bytes) -> Item:
    """A record that also carries a mark."""
    key, value, headers = item
    return key, value, (*headers, (HEADER, mark))


def mark_alone(mark: bytes, dims: int) -> Item:
    """A record that is there for the mark alone: a tick at 0, for vectors of `dims` dimensions."""
    return KEY, control_record(Kind.TICK, 0, dims), ((HEADER, mark),)


def marks_in(records: Iterable[Record]) -> list[int]:
    """The places of all marks, in the order of the records."""
    return [
        place
        for record in records
        if record.headers
        for name, value in record.headers
        if name == HEADER
        for place in decode_mark(value)
    ]


def lane_of(place: int) -> int:
    """An input partition without generation: a replaced topic goes on in the lane of the one before."""
    return place >> OFFSET_BITS & _LANES


_LANES = (1 << 20) - 1
"""Topic and partition of a place."""
