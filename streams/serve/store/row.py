"""The row of a profile: what listings filter and count by, as 72 bytes that memory and the store share.

bytes  0 - 15   profile id
      16 - 23   last seen, epoch milliseconds
      24 - 27   version, unsigned
      28 - 31   cluster; -1 for none
      32 - 33   number of the lifecycle state in the store's names; 0 for none
      34 - 35   open anomalies, a bit for each kind
      36        highest severity of the open anomalies; 0 for none
      37        spare
      38 - 69   segments: bit n of byte m is the segment with number 8 m + n in the store's names
      70 - 71   spare
"""

from datetime import datetime
from struct import Struct
from typing import NamedTuple

import msgspec
import numpy as np

from liveprofile.profiles.state.row import ANOMALIES

_ROW = Struct("<16sqIiHHBx32s2x")
SIZE = _ROW.size
MOST_SEGMENTS = 256
SEGMENTS_AT = 38
"""Where the segments begin."""
ROW = np.dtype(
    {
        "names": ["id", "seen_ms", "version", "cluster", "lifecycle", "kinds", "severity"],
        "formats": ["V16", "<i8", "<u4", "<i4", "<u2", "<u2", "u1"],
        "offsets": [0, 16, 24, 28, 32, 34, 36],
        "itemsize": SIZE,
    }
)
_BIT = {kind: 1 << number for number, kind in enumerate(ANOMALIES)}


class Row(NamedTuple):
    """The fields of a row."""

    profile_id: bytes
    seen_ms: int
    version: int
    cluster: int
    lifecycle: int
    kinds: int
    severity: int
    segments: int
    """A bit for each number."""


class _Named(msgspec.Struct, gc=False):
    name: str = ""


class _State(msgspec.Struct, gc=False):
    state: str = ""


class _Cluster(msgspec.Struct, gc=False):
    id: int = -1
    name: str | None = None


class _Open(msgspec.Struct, gc=False):
    kind: str = ""
    severity: int = 0


class Head(msgspec.Struct, gc=False):
    """The fields of a snapshot that rows are made from; all others are skipped unread."""

    version: int = 0
    last_seen: str = ""
    rules: str = ""
    lifecycle: _State | None = None
    cluster: _Cluster | None = None
    segments: list[_Named] = []
    anomalies: list[_Open] = []

    @property
    def kinds(self) -> int:
        """A bit for each kind of open anomaly."""
        bits = 0
        for one in self.anomalies:
            bits |= _BIT.get(one.kind, 0)
        return bits

    @property
    def severity(self) -> int:
        """The highest one."""
        return max((min(max(one.severity, 0), 255) for one in self.anomalies), default=0)


_HEADS = msgspec.json.Decoder(Head)


def head_of(value: bytes) -> Head:
    """The head of a snapshot. msgspec.MsgspecError where it is none."""
    return _HEADS.decode(value)


def pack(row: Row) -> bytes:
    """The bytes of a row.

    >>> row = Row(b"i" * 16, 1_700_000_000_000, 12, -1, 2, 0b11, 71, 1 << 200)
    >>> unpack(pack(row)) == row
    True
    """
    *fields, segments = row
    return _ROW.pack(*fields, segments.to_bytes(32, "little"))


def unpack(value: bytes) -> Row:
    """The row in its bytes."""
    profile_id, seen_ms, version, cluster, lifecycle, kinds, severity, segments = _ROW.unpack(value)
    members = int.from_bytes(segments, "little")
    return Row(profile_id, seen_ms, version, cluster, lifecycle, kinds, severity, members)


def epoch_ms(text: str) -> int:
    """An RFC 3339 time as epoch milliseconds; 0 for another text."""
    try:
        return round(datetime.fromisoformat(text).timestamp() * 1000)
    except ValueError:
        return 0


def bits_of(number: int) -> list[int]:
    """The places of the bits that are set.

    >>> bits_of(0b1010)
    [1, 3]
    """
    found = []
    while number:
        low = number & -number
        found.append(low.bit_length() - 1)
        number ^= low
    return found
