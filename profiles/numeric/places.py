"""Places by name, for arrays in which each number has its own meaning."""

from collections import namedtuple
from collections.abc import Iterable
from typing import Any


def places_of(names: Iterable[str]) -> Any:
    """A named tuple of 0, 1 .. n - 1, one per name. It is a constant in compiled code, without cost.

    >>> at = places_of(["pause", "tenure"])
    >>> at.tenure, at._fields
    (1, ('pause', 'tenure'))
    """
    ordered = list(names)
    return namedtuple("Places", ordered)(*range(len(ordered)))
