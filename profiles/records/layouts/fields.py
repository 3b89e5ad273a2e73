"""The fields of a layout as data, for vectors of any length, and the fingerprint of the layout."""

from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import Any

import numpy as np

Field = tuple[Any, ...]
"""Name, type as NumPy writes it, and for arrays the shape, in which "dims" stands for the length of vectors."""
Fields = tuple[Field, ...]
MakeDtype = Callable[[int], np.dtype[np.void]]
"""A function from the dimensions of vectors to the dtype of a layout."""

SPARE = "spare"
"""The field that pads a layout to whole words; it has no meaning, and is not part of the fingerprint."""

_DIMS = "dims"
_PROBE = 4093
"""No field has this fixed length, so an array of this length is a vector."""
_WORD = 4


def fields_of(make_dtype: MakeDtype) -> Fields:
    """The fields of a layout.

    >>> fields_of(lambda dims: np.dtype([("seen_ms", "<i8"), ("interest", "<i2", (3, dims))]))
    (('seen_ms', '<i8'), ('interest', '<i2', (3, 'dims')))
    """
    return tuple(_symbolic(field) for field in make_dtype(_PROBE).descr if field[0] != SPARE)


def _symbolic(field: Field) -> Field:
    name, kind, *shape = field
    return (name, kind, *(tuple(_DIMS if length == _PROBE else length for length in one) for one in shape))


def fingerprint_of(fields: Fields) -> str:
    """Eight hex digits that change with any name, type, shape and place of a field.

    >>> fingerprint_of((("a", "<i8"), ("b", "<i8"))) == fingerprint_of((("b", "<i8"), ("a", "<i8")))
    False
    """
    return blake2b(repr(fields).encode(), digest_size=4).hexdigest()


def dtype_of(fields: Fields, dims: int, *, words: bool) -> np.dtype[np.void]:
    """The dtype of a layout for vectors of `dims` dimensions; with `words` padded to whole words."""
    given = [(name, kind, *(_lengths(one, dims) for one in shape)) for name, kind, *shape in fields]
    return whole_words(given) if words else np.dtype(given)


def _lengths(shape: Iterable[Any], dims: int) -> tuple[int, ...]:
    return tuple(dims if length == _DIMS else int(length) for length in shape)


def whole_words(fields: list[Field]) -> np.dtype[np.void]:
    """The dtype of packed fields, padded to whole 32-bit words."""
    over = np.dtype(fields).itemsize % _WORD
    return np.dtype([*fields, (SPARE, "u1", (_WORD - over,))] if over else fields)
