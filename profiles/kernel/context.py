"""What compiled code knows besides the profile at hand: the models in force, and what is usual in the partition.

All of it came through the log, or was counted from it, so that a replay sees the same world at the same place.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.anomalies.evidence import AnomalyModel
from liveprofile.profiles.predictions.scorecard import CompiledScorecards
from liveprofile.profiles.segments.compiled_rules import CompiledRules

DETECTIONS, PAIRS, LABELLED, SESSIONS, ENTRIES = range(5)
"""Places in `DetectionBuffers.filled`, one for each buffer."""


class FoldContext(NamedTuple):
    """Arrays may be counted on by compiled code; they belong to the partition's cursor."""

    order_location: float
    """Median of log2(order total in minor units), of the partition."""
    order_spread: float
    centres: npt.NDArray[np.int16]
    """Cluster centres (c, k)."""
    centre_ids: npt.NDArray[np.int64]
    compiled_rules: CompiledRules
    """The rules of lifecycle and segments."""
    scorecards: CompiledScorecards
    """What chances are predicted with."""
    anomaly_model: AnomalyModel
    """What anomalies are judged by."""
    price_levels: npt.NDArray[np.void]
    """What things of a category cost in the partition, see `price_levels`."""
    sentiment: npt.NDArray[np.float64]
    """Weights (dims + 2,) of a review's embedding, tone and intercept, for the log-odds of praise; empty for none."""


class DetectionBuffers(NamedTuple):
    """Where compiled code puts what it found, and how much of it there is."""

    detections: npt.NDArray[np.void]
    """What is worth saying, see `notes`."""
    directions: npt.NDArray[np.int16]
    """For each note the long-term interest of its profile at that moment, (n, k)."""
    topics: npt.NDArray[np.uint32]
    """For each note the largest long-term topic of its profile then, (n,); 0 for none."""
    pairs: npt.NDArray[np.void]
    """Items seen one after the other, see `pairs`."""
    labelled: npt.NDArray[np.void]
    """Predictions whose outcome is known now, see `labelled`."""
    sessions: npt.NDArray[np.void]
    """Sessions that have ended, see `anomalies.sessions`."""
    entered: npt.NDArray[np.void]
    """Shoppers who are newcomers no more, see `entries`."""
    filled: npt.NDArray[np.int64]
    """How many records each buffer has (5,): `DETECTIONS`, `PAIRS`, `LABELLED`, `SESSIONS`, `ENTRIES`."""
