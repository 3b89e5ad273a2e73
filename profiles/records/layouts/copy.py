"""Copies rows of one layout into rows of another, field by field; fields adjacent in both are copied at once."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.void]
Pair = tuple[str, str]
"""Name of a field in the old rows and in the new ones."""


def copy_by_name(old: Rows, new: Rows, pairs: Sequence[Pair]) -> None:
    """Fill the fields of `new` rows (n,) out of those of `old`; `pairs` are in the order of the new layout."""
    whole_old, whole_new = _bytes(old), _bytes(new)
    for begin, target, size in _runs(old.dtype, new.dtype, pairs):
        whole_new[:, target : target + size] = whole_old[:, begin : begin + size]
    for source, name in pairs:
        if old.dtype[source] != new.dtype[name]:
            _convert(old[source], new[name])


def _bytes(rows: Rows) -> npt.NDArray[np.uint8]:
    """The rows as bytes (n, size)."""
    return np.ascontiguousarray(rows).view(np.uint8).reshape(len(rows), rows.dtype.itemsize)


def _runs(old: np.dtype[np.void], new: np.dtype[np.void], pairs: Sequence[Pair]) -> Iterator[tuple[int, int, int]]:
    """Old place, new place and size in bytes of fields of the same type, those side by side in both layouts joined."""
    begin = target = size = 0
    for source, name in pairs:
        (kind, at), (wanted, place) = old.fields[source][:2], new.fields[name][:2]  # type: ignore[index]  # of records
        if kind != wanted:
            continue
        if (at, place) != (begin + size, target + size):
            yield begin, target, size
            begin, target, size = at, place, 0
        size += kind.itemsize
    yield begin, target, size


def _convert(old: npt.NDArray[Any], new: npt.NDArray[Any]) -> None:
    """Convert a field of another type or shape; for an array of another length, the places that both have."""
    both = tuple(slice(min(one, other)) for one, other in zip(old.shape, new.shape, strict=True))
    new[both] = old[both]
