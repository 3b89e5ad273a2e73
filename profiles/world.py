"""What compiled code knows besides the profile at hand: the models in force, and what is usual in the partition.

All of it came through the log, or was counted from it, so that a replay sees the same world at the same place.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from profiles.segments.tags import Tags


class World(NamedTuple):
    """Arrays may be counted on by compiled code; they belong to the partition's cursor."""

    order_location: float
    """Median of log2(order total in minor units), of the partition."""
    order_spread: float
    centres: npt.NDArray[np.int16]
    """Cluster centres (c, k)."""
    centre_ids: npt.NDArray[np.int64]
    tags: Tags
    """The rules of lifecycle and segments."""


class Findings(NamedTuple):
    """Where compiled code puts what it found, and how much of it there is."""

    notes: npt.NDArray[np.void]
    """What is worth saying, see `notes`."""
    directions: npt.NDArray[np.int16]
    """For each note the long-term interest of its profile at that moment, (n, k)."""
    pairs: npt.NDArray[np.void]
    """Items seen one after the other, see `pairs`."""
    labelled: npt.NDArray[np.void]
    """Predictions whose outcome is known now, see `labelled`."""
    filled: npt.NDArray[np.int64]
    """How many notes, pairs and labelled examples there are (3,)."""
