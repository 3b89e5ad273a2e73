"""The state record: a row as bytes, without the words that are zero.

    header   a byte that says how the record is written, a spare byte, dimensions, fingerprint of the layout (<BBH4s)
    bitmap   one bit for each 32-bit word of the row, most significant first: 1 where the word is not zero
    words    those that are not zero

The row of a new profile is nearly empty, so its record is small; the record of a full profile is bounded by the row.
Where the shopper has a ledger of orders, it follows in the same form, with a header of its own.
Records that begin with 3 have no fingerprint: all of them have the one layout that commit ae9fa68 wrote. A record of an
older layout is read by name (`records.layouts`), and stays unchanged on the topic until its profile changes.
"""

import struct
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from liveprofile.profiles.records.layouts import Family, UnknownLayoutError
from liveprofile.profiles.state.ledger import Ledgers, ledger_dtype
from liveprofile.profiles.state.row import BLANKS, Rows, row_dtype

LAYOUT = 4
"""Format of a record, its first byte: 4 has the fingerprint of its row's layout, 3 had none."""
WITHOUT_FINGERPRINT = 3
ROWS = Family("row", row_dtype, LAYOUT, blanks=BLANKS, words=True)
"""All layouts of rows."""
LEDGERS = Family("ledger", ledger_dtype, LAYOUT)
"""All layouts of ledgers."""

_START = struct.Struct("<BBH")
_HEADER = struct.Struct("<BBH4s")
_WORD = 4
_HIGHEST = 32
"""First bytes from here on belong to damaged records; no program writes them."""


def encode_profiles(rows: Rows, ledgers: Ledgers, dims: int) -> list[bytes]:
    """The state records of profiles (n,) with their ledgers (n,)."""
    values = encode_rows(rows, dims)
    filled = np.flatnonzero(ledgers["orders_kept"]).tolist()
    for at, value in zip(filled, encode_rows(ledgers[filled], dims, LEDGERS), strict=True):
        values[at] += value
    return values


def encode_rows(rows: Rows, dims: int, family: Family = ROWS) -> list[bytes]:
    """The state records of profiles (n,) without ledgers."""
    if not len(rows):
        return []
    words = np.ascontiguousarray(rows).view("<u4").reshape(len(rows), -1)
    filled = words != 0
    bitmaps = np.packbits(filled, axis=1)
    header, width = header_of(family, dims), bitmaps.shape[1]
    maps, kept = bitmaps.tobytes(), words[filled].tobytes()
    ends = np.cumsum(filled.sum(axis=1, dtype=np.int64) * _WORD).tolist()
    starts = [0, *ends[:-1]]
    return [
        header + maps[at * width : (at + 1) * width] + kept[start:end]
        for at, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]


def header_of(family: Family, dims: int) -> bytes:
    """The header of records of the family's present layout."""
    return _HEADER.pack(LAYOUT, 0, dims, bytes.fromhex(family.fingerprint))


def decode_profiles(values: Sequence[bytes], dims: int) -> tuple[Rows, Ledgers]:
    """The profiles of many state records with their ledgers, blank where there is none; errors as in `decode_rows`."""
    tails: dict[int, bytes] = {}
    rows = _decode(values, dims, ROWS, tails)
    ledgers = np.zeros(len(values), ledger_dtype())
    if tails:
        ledgers[list(tails)] = _decode(list(tails.values()), dims, LEDGERS, None)
    return rows, ledgers


def decode_rows(values: Sequence[bytes], dims: int, family: Family = ROWS) -> Rows:
    """The profiles of many state records, of all known layouts side by side.

    `UnknownLayoutError` for a record of a newer program; ValueError for a damaged one, or one of other dimensions.
    """
    tails: dict[int, bytes] = {}
    rows = _decode(values, dims, family, tails)
    if tails:
        _decode(list(tails.values()), dims, LEDGERS, None)
    return rows


def _decode(values: Sequence[bytes], dims: int, family: Family, tails: dict[int, bytes] | None) -> Rows:
    """The rows of records; what follows a row is added to `tails` by its place, and is damage without `tails`."""
    header = header_of(family, dims)
    if all(map(bytes.startswith, values, [header] * len(values))):
        return _unpack(values, range(len(values)), len(header), family.dtype(family.fingerprint, dims), tails)
    rows = np.empty(len(values), family.dtype(family.fingerprint, dims))
    whole = rows.view(f"V{rows.itemsize}")  # field by field takes thirty times as long
    for (fingerprint, start), places in _by_layout(values, dims, family).items():
        old = _unpack([values[at] for at in places], places, start, family.dtype(fingerprint, dims), tails)
        whole[places] = family.migrate(old, fingerprint, dims).view(whole.dtype)
    return rows


def layout_of(value: bytes, family: Family = ROWS) -> str:
    """The fingerprint of a state record's layout, known or not; `UnknownLayoutError` for an unknown format.

    Empty if it is not a state record.
    """
    number = value[0] if len(value) >= _HEADER.size else _HIGHEST
    if number == WITHOUT_FINGERPRINT:
        found = family.of_number(WITHOUT_FINGERPRINT)
        return found.fingerprint if found else ""
    if LAYOUT < number < _HIGHEST:
        raise UnknownLayoutError("a state record", f"number {number}", f"number {LAYOUT}")
    return value[_START.size : _HEADER.size].hex() if number == LAYOUT else ""


def _by_layout(values: Sequence[bytes], dims: int, family: Family) -> dict[tuple[str, int], list[int]]:
    """Places of the records by layout and length of the header."""
    places: dict[tuple[str, int], list[int]] = defaultdict(list)
    for at, value in enumerate(values):
        fingerprint = layout_of(value, family)
        if not fingerprint or _START.unpack_from(value)[2] != dims:
            raise _foreign(value, dims)
        if fingerprint not in family:
            raise UnknownLayoutError("a state record", fingerprint, family.fingerprint)
        start = _START.size if value[0] == WITHOUT_FINGERPRINT else _HEADER.size
        places[fingerprint, start].append(at)
    return places


def _unpack(
    values: Sequence[bytes],
    places: Sequence[int],
    start: int,
    dtype: np.dtype[np.void],
    tails: dict[int, bytes] | None,
) -> Rows:
    """The rows of records of one layout with a header of `start` bytes; `places` are their keys in `tails`."""
    count = dtype.itemsize // _WORD
    begin = start + -(-count // 8)
    for value in values:
        if len(value) < begin:
            raise _damaged(value)
    maps = np.frombuffer(b"".join([value[start:begin] for value in values]), np.uint8)
    filled = np.unpackbits(maps.reshape(len(values), -1), axis=1, count=count).view(np.bool_)
    ends = (begin + filled.sum(axis=1, dtype=np.int64) * _WORD).tolist()
    for at, (value, end) in enumerate(zip(values, ends, strict=True)):
        if len(value) != end:
            if len(value) < end + _HEADER.size or tails is None:
                raise _damaged(value)
            tails[places[at]] = value[end:]
    words = np.zeros((len(values), count), "<u4")
    words[filled] = np.frombuffer(b"".join([v[begin:end] for v, end in zip(values, ends, strict=True)]), "<u4")
    return words.view(dtype)[:, 0]


def _damaged(value: bytes) -> ValueError:
    return ValueError(
        f"a damaged state record of {len(value)} bytes, which begins with {value[:8].hex()}. Rebuild the state as "
        "docs/operations.md says under Damaged records: `activity` is then folded again from its beginning."
    )


def _foreign(value: bytes, dims: int) -> ValueError:
    if len(value) >= _START.size and value[0] in (WITHOUT_FINGERPRINT, LAYOUT):
        return ValueError(
            f"a state record of {_START.unpack_from(value)[2]} dimensions, expected {dims}. Vectors of the model have "
            "another length than those that profiles were made from: bring the old model back, or start a new app id."
        )
    return _damaged(value)
