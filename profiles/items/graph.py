"""The item co-occurrence graph: decayed weights of items seen before and after each other, a few neighbours per item.

An item keeps its heaviest neighbours. If all places are used, a new neighbour reduces the weight of the lightest one by
its own weight, and replaces it when no weight is left. A neighbour seen once evicts nobody; a frequent one gets in
(Misra and Gries, 1982, on decayed weights). Weights are never overestimated.
"""

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.numeric.exact import remaining
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import Row

NEIGHBOURS = 24

ITEM = np.dtype(
    [
        ("item", "<u8"),  # digest64 of the item id
        ("applied", "<i8"),  # offset of the last item event applied to the graph's side; -1 for none
        ("seen_ms", "<i8"),  # event time of the latest item update; the smallest number for none
        ("time_s", "<u4"),  # newest pair: the reference of all decayed weights
        ("popularity", "<f4"),  # decayed weight of actions
        ("neighbour", "<u8", (NEIGHBOURS,)),  # 0 for a free place
        ("after", "<f4", (NEIGHBOURS,)),  # decayed weight of its views after the item
        ("before", "<f4", (NEIGHBOURS,)),
    ]
)
NEVER_MS = -(2**63)

Items = npt.NDArray[np.void]


@compiled
def take_pairs(rows: Items, places: npt.NDArray[np.int64], pairs: npt.NDArray[np.void], half_life_s: float) -> None:
    """Apply pairs (n,), see `event.ENTRY`, in order, each to the item at `places` (n,) of `rows`."""
    for at in range(len(places)):
        row, pair = rows[places[at]], pairs[at]
        fresh = _pass_time(row, pair.time_s, half_life_s)
        weight = abs(pair.weight) * fresh
        if pair.other == 0:
            row.popularity += weight
        else:
            _tie(row, pair.other, weight, pair.weight >= 0)


@compiled
def _pass_time(row: Row, time_s: int, half_life_s: float) -> float:
    """Decay an item to a newer time; returns the remaining share of an action at `time_s`."""
    elapsed_ms = (np.int64(time_s) - np.int64(row.time_s)) * 1000.0
    if row.time_s == 0:
        row.time_s = time_s
    elif elapsed_ms > 0.0:
        left = np.float32(remaining(elapsed_ms, half_life_s))
        row.time_s = time_s
        row.popularity *= left
        for at in range(NEIGHBOURS):
            row.after[at] *= left
            row.before[at] *= left
    elif elapsed_ms < 0.0:
        return remaining(-elapsed_ms, half_life_s)
    return 1.0


@compiled
def _tie(row: Row, other: int, weight: float, after: bool) -> None:
    """Add a weight to a neighbour, known or new."""
    place, lightest = 0, np.inf
    for at in range(NEIGHBOURS):
        if row.neighbour[at] == other:
            place, lightest = at, -np.inf
            break
        if row.neighbour[at] == 0:
            place, lightest = at, -1.0
            break
        mass = row.after[at] + row.before[at]
        if mass < lightest:
            place, lightest = at, mass
    if lightest > weight:
        left = np.float32((lightest - weight) / lightest)
        row.after[place] *= left
        row.before[place] *= left
        return
    if row.neighbour[place] != other:
        row.neighbour[place], row.after[place], row.before[place] = other, 0.0, 0.0
    if after:
        row.after[place] += np.float32(weight)
    else:
        row.before[place] += np.float32(weight)
