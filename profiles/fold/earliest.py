"""The order in which profiles fire that are due: by moment, then by id."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def earliest(places: Ints, due_ms: Ints, ids: Sequence[bytes], most: int | None = None) -> Ints:
    """The places (n,) of profiles in the order of `due_ms` (n,), at most `most`; `ids` has the id of each place.

    Of profiles due at the same moment the lower id is first: their places differ from one load of the state to the
    next, and examples are numbered in this order.

    >>> earliest(np.array([0, 1, 2]), np.array([7, 5, 7]), [b"f" * 32, b"e" * 32, b"d" * 32], 2)
    array([1, 2])
    """
    if most is not None and len(places) > most:
        soon = due_ms <= np.partition(due_ms, most - 1)[most - 1]
        places, due_ms = places[soon], due_ms[soon]
    names = np.array([ids[place] for place in places.tolist()], "S32")
    if most is not None and len(places) > most:
        last = due_ms == due_ms.max()
        room, first = most - int((~last).sum()), _first_bytes(names)
        kept = ~last | (first <= np.partition(first[last], room - 1)[room - 1])
        places, due_ms, names = places[kept], due_ms[kept], names[kept]
    return places[np.lexsort((names, due_ms))][:most]


def _first_bytes(names: npt.NDArray[np.bytes_]) -> npt.NDArray[np.uint64]:
    """The first eight bytes of each id as a number, in the order of the ids: numbers are compared sooner than texts."""
    return np.ascontiguousarray(names).view(">u8").reshape(len(names), -1)[:, 0].astype(np.uint64)
