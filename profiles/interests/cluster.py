"""Cluster assignment: the centre of the adopted model that is nearest to the profile's long-term interest."""

import math

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.interests.decayed import long_direction
from liveprofile.profiles.kernel.detections import Detections, record_detection
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.kernel.rate_limit import is_due
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.numeric.quantised_mean import WIDEST
from liveprofile.profiles.numeric.scratch import shorts
from liveprofile.profiles.state.row import PATHS, Row

CLUSTER_PATH = PATHS.index("cluster")


@compiled
def detect_cluster(
    row: Row,
    rules: Rules,
    centres: npt.NDArray[np.int16],
    centre_ids: npt.NDArray[np.int64],
    detections: Detections,
    count: int,
) -> tuple[int, int]:
    """The nearest centre (Euclidean, in integers). A profile leaves a cluster of the model only by the margin.

    The margin is the share by which the nearest centre is nearer than that of the profile's own cluster; for a profile
    without one, than the second nearest.
    """
    direction = shorts(WIDEST)[: centres.shape[1]]
    long_direction(row, direction)
    nearest, first, second, own = 0, -1, -1, -1
    for centre in range(centres.shape[0]):
        square = 0
        for at in range(len(direction)):
            off = int(direction[at]) - int(centres[centre][at])
            square += off * off
        if centre_ids[centre] == row.cluster:
            own = square
        if first < 0 or square < first:
            nearest, first, second = centre, square, first
        elif second < 0 or square < second:
            second = square
    other = own if own >= 0 else second
    margin = 1.0 - math.sqrt(first) / math.sqrt(other) if other > 0 else (1.0 if other < 0 else 0.0)
    before, after = int(row.cluster), int(centre_ids[nearest])
    if after == before or (own >= 0 and margin < rules.cluster_margin):
        return count, 0
    if not is_due(row, CLUSTER_PATH, rules.cluster_interval_s):
        return count, 1
    record_detection(detections[count], CLUSTER_PATH, before, after, rules.cluster_margin, margin)
    row.cluster = after
    return count + 1, 0
