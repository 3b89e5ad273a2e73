"""Pairs of items that one shopper was interested in, one soon after the other: what the item graph is learnt from."""

import numpy as np

from profiles.compiled import compiled
from profiles.row import Row
from profiles.world import Findings

MOST_PER_EVENT = 6
"""Pairs that one activity gives at most."""

PAIR = np.dtype(
    [
        ("offset", "<i8"),  # of the activity, in its partition: with it, the coordinate that tells a repeat
        ("time_ms", "<i8"),
        ("item", "<u8"),  # digest64 of the item that the pair is about
        ("other", "<u8"),
        ("weight", "<f4"),
        ("after", "u1"),  # 1: other came after item, 0: before
    ],
)


@compiled
def add_pairs(row: Row, event: Row, found: Findings) -> None:
    """Pair the activity's item with the last other ones of the profile's ring."""
