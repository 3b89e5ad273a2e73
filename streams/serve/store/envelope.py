"""The envelope of a stored record: where it stands on Kafka, its number, its time; then the record's bytes as they are.

bytes  0 -  1   partition, unsigned
       2 -  9   offset
      10 - 13   version of a profile, or step of an anomaly, unsigned
      14 - 21   epoch milliseconds: of a snapshot the broker's time, of a fact the time of its event
      22 -      the record's value
"""

from struct import Struct
from typing import NamedTuple

_HEAD = Struct("<HqIq")
SIZE = _HEAD.size


class Stored(NamedTuple):
    """A record of the store."""

    partition: int
    offset: int
    number: int
    time_ms: int
    value: bytes


def wrap(partition: int, offset: int, number: int, time_ms: int, value: bytes) -> bytes:
    """The bytes to store.

    >>> unwrap(wrap(3, 88_121, 14, 1_700_000_000_000, b"{}"))
    Stored(partition=3, offset=88121, number=14, time_ms=1700000000000, value=b'{}')
    """
    return _HEAD.pack(partition, offset, number, time_ms) + value


def unwrap(stored: bytes) -> Stored:
    """The record in stored bytes."""
    partition, offset, number, time_ms = _HEAD.unpack_from(stored)
    return Stored(partition, offset, number, time_ms, stored[SIZE:])
