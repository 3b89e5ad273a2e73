"""Files of golden records: key and value of each, with their lengths before them, compressed by xz.

record   length of the key, length of the value (<ii), key, value; a length of -1 stands for none
"""

import lzma
import struct
from collections.abc import Iterable
from pathlib import Path

Record = tuple[bytes | None, bytes | None]

_LENGTHS = struct.Struct("<ii")
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 26}]


def write_records(path: Path, records: Iterable[Record]) -> None:
    """Write records in their order."""
    parts: list[bytes] = []
    for key, value in records:
        parts += [_LENGTHS.pack(_length(key), _length(value)), key or b"", value or b""]
    path.write_bytes(lzma.compress(b"".join(parts), filters=_FILTERS))


def read_records(path: Path) -> list[Record]:
    """The records of a file in their order; the place in the list is the record's offset in its topic."""
    data, at, records = lzma.decompress(path.read_bytes()), 0, []
    while at < len(data):
        key_length, value_length = _LENGTHS.unpack_from(data, at)
        begin = at + _LENGTHS.size
        middle = begin + max(key_length, 0)
        at = middle + max(value_length, 0)
        key = data[begin:middle] if key_length >= 0 else None
        records.append((key, data[middle:at] if value_length >= 0 else None))
    return records


def _length(part: bytes | None) -> int:
    return -1 if part is None else len(part)
