"""The parts of a cursor that are too large to be written with every checkpoint: records of their own, named by it.

    \\0cur-part/lanes/0/0      positions of all input partitions, as they were when they were last written as a whole
    \\0cur-part/adopted/1/0    the models in force; written when one changes
          name, slot, chunk

A value is the byte `LAYOUT`, three spare bytes, and a chunk of the compressed content. A part has two slots. It is
written into the one that the cursor does not name, before the next cursor, which then names it with its digest: a crash
in between leaves the cursor before and its parts as they were.

An activity moves few positions on, so the cursor holds only those that have changed since the part was written. With
1,000 partitions of six inputs that is a record of a few hundred bytes in place of 134 KB.
"""

import zlib
from collections.abc import Mapping
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

PART_PREFIX = b"\x00cur-part/"
"""It sorts before the key of the cursor: a local store is read in the order of keys, and parts are needed first."""
LAYOUT = 5
"""First byte of a part's records: to programs before parts, a state record of a newer one, which they leave alone."""
CHUNK_BYTES = 128 * 1024
_HEADER = bytes([LAYOUT, 0, 0, 0])
_LEVEL = 1
"""Of zlib: positions are written about once a second."""

Records = list[tuple[bytes, bytes]]


class Part(NamedTuple):
    """What a cursor says of one of its parts."""

    slot: int
    chunks: int
    digest: str

    def read(self, name: str, records: Mapping[bytes, bytes]) -> bytes:
        """The content, out of the records of the state topic. ValueError where it is missing or another one."""
        chunks = [records.get(_key(name, self.slot, number), b"")[len(_HEADER) :] for number in range(self.chunks)]
        packed = b"".join(chunks)
        if _digest(packed) != self.digest:
            raise ValueError(
                f"the cursor names a part, {name} {self.slot}, that is not on the topic as it was written. Rebuild the "
                "state as docs/operations.md says under Damaged records."
            )
        return zlib.decompress(packed)


def write_part(name: str, content: bytes, before: Part | None) -> tuple[Part, Records]:
    """A part with another content, in the slot that the one before does not have; and its records."""
    packed = zlib.compress(content, _LEVEL)
    slot = 1 - before.slot if before is not None else 0
    chunks = [packed[at : at + CHUNK_BYTES] for at in range(0, len(packed), CHUNK_BYTES)]
    records = [(_key(name, slot, number), _HEADER + chunk) for number, chunk in enumerate(chunks)]
    return Part(slot, len(chunks), _digest(packed)), records


def pack_lanes(places: Mapping[int, int]) -> bytes:
    """Positions by input partition as bytes: the differences of the sorted partitions, then the positions, both <i8.

    >>> unpack_lanes(pack_lanes({7: 40, -3: 50})), len(pack_lanes({7: 40, -3: 50}))
    ({-3: 50, 7: 40}, 32)
    """
    lanes = np.array(sorted(places), "<i8")
    reached = np.array([places[lane] for lane in lanes.tolist()], "<i8")
    return np.diff(lanes, prepend=lanes.dtype.type(0)).tobytes() + reached.tobytes()


def unpack_lanes(packed: bytes) -> dict[int, int]:
    """The inverse of `pack_lanes`."""
    differences, reached = np.frombuffer(packed, "<i8").reshape(2, -1)
    return dict(zip(np.cumsum(differences).tolist(), reached.tolist(), strict=True))


def _digest(packed: bytes) -> str:
    return blake2b(packed, digest_size=16).hexdigest()


def _key(name: str, slot: int, number: int) -> bytes:
    return b"%s%s/%d/%d" % (PART_PREFIX, name.encode(), slot, number)
