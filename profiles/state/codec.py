"""The state record: a row as bytes, without the words that are zero.

    header   layout, a spare byte, dimensions (<BBH)
    bitmap   one bit for each 32-bit word of the row, most significant first: 1 where the word is not zero
    words    those that are not zero

A newcomer's row is nearly empty, and stays small on the topic; the profile with everything in it is bounded by the row.
"""

import struct
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import Rows, row_dtype

LAYOUT = 3
"""Version of the layout, the first byte of every state record."""

_HEADER = struct.Struct("<BBH")
_WORD = 4


def encode_rows(rows: Rows, dims: int) -> list[bytes]:
    """The state records of many profiles."""
    if not len(rows):
        return []
    words = np.ascontiguousarray(rows).view("<u4").reshape(len(rows), -1)
    filled = words != 0
    bitmaps = np.packbits(filled, axis=1)
    header, width = _HEADER.pack(LAYOUT, 0, dims), bitmaps.shape[1]
    maps, kept = bitmaps.tobytes(), words[filled].tobytes()
    ends = np.cumsum(filled.sum(axis=1, dtype=np.int64) * _WORD).tolist()
    starts = [0, *ends[:-1]]
    return [
        header + maps[at * width : (at + 1) * width] + kept[start:end]
        for at, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]


def decode_rows(values: Sequence[bytes], dims: int) -> Rows:
    """The profiles of many state records. ValueError for a foreign layout, saying what to do."""
    header, dtype = _HEADER.pack(LAYOUT, 0, dims), row_dtype(dims)
    count = dtype.itemsize // _WORD
    begin = len(header) + -(-count // 8)
    for value in values:
        if len(value) < begin or (len(value) - begin) % _WORD or not value.startswith(header):
            raise _foreign(value, dims)
    maps = np.frombuffer(b"".join([value[len(header) : begin] for value in values]), np.uint8)
    filled = np.unpackbits(maps.reshape(len(values), -1), axis=1, count=count).view(np.bool_)
    sizes = np.fromiter((len(value) - begin for value in values), np.int64, len(values))
    wrong = np.flatnonzero(filled.sum(axis=1, dtype=np.int64) * _WORD != sizes)
    if len(wrong):
        raise _foreign(values[int(wrong[0])], dims)
    words = np.zeros((len(values), count), "<u4")
    words[filled] = np.frombuffer(b"".join([value[begin:] for value in values]), "<u4")
    return words.view(dtype)[:, 0]


def _foreign(value: bytes, dims: int) -> ValueError:
    return ValueError(
        f"a state record of another layout: expected layout {LAYOUT} with {dims} dimensions, got {len(value)} bytes "
        f"starting with {value[:4].hex()}. Rebuild the state as docs/operations.md says under Upgrades: `activity` is "
        "then folded again from its beginning."
    )


@compiled
def keep_newer(rows: Rows, places: npt.NDArray[np.int64], loaded: Rows) -> None:
    """Put `loaded` rows at `places` (n,), one after the other, where they have applied as much or more."""
    for at in range(len(places)):
        if loaded[at].applied >= rows[places[at]].applied:
            rows[places[at]] = loaded[at]
