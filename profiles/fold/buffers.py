"""Room: findings to begin with, and whether everything that one moment of one profile can lead to still fits in."""

import numpy as np

from liveprofile.profiles.anomalies.sessions import MOST_PER_EVENT as MOST_SESSIONS
from liveprofile.profiles.anomalies.sessions import SESSION
from liveprofile.profiles.items.co_occurrence import MOST_PER_EVENT as MOST_PAIRS
from liveprofile.profiles.items.co_occurrence import PAIR
from liveprofile.profiles.kernel.context import Findings
from liveprofile.profiles.kernel.detections import DETECTION, MOST_PER_EVENT
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.predictions.cold_start_example import ENTERED
from liveprofile.profiles.predictions.predict import LABELLED
from liveprofile.profiles.predictions.predict import MOST_PER_EVENT as MOST_LABELLED

PAIRS_PER_DETECTION = 2
"""Room for pairs beside a note: nearly every activity gives some. More would not stay in the processor's cache."""


def blank_findings(detections: int, dims: int) -> Findings:
    """Room for so many notes, and what else comes with them; directions of `dims` dimensions."""
    return Findings(
        detections=np.zeros(detections, DETECTION),
        directions=np.zeros((detections, dims), np.int16),
        topics=np.zeros(detections, np.uint32),
        pairs=np.zeros(max(PAIRS_PER_DETECTION * detections, MOST_PAIRS), PAIR),
        labelled=np.zeros(max(detections, MOST_LABELLED), LABELLED),
        sessions=np.zeros(max(detections, MOST_SESSIONS), SESSION),
        entered=np.zeros(detections, ENTERED),
        filled=np.zeros(5, np.int64),
    )


@compiled
def has_room(found: Findings) -> bool:
    """Whether everything that one activity, or one moment of time, can lead to fits in."""
    detections, pairs, labelled = found.filled[0], found.filled[1], found.filled[2]
    return bool(
        detections + MOST_PER_EVENT <= len(found.detections)
        and pairs + MOST_PAIRS <= len(found.pairs)
        and labelled + MOST_LABELLED <= len(found.labelled)
        and found.filled[3] + MOST_SESSIONS <= len(found.sessions)
        and found.filled[4] < len(found.entered)
    )
