"""Output buffers of the compiled loop, and the check that one event's worst case still fits."""

import numpy as np

from liveprofile.profiles.anomalies.sessions import MOST_PER_EVENT as MOST_SESSIONS
from liveprofile.profiles.anomalies.sessions import SESSION
from liveprofile.profiles.items.co_occurrence import MOST_PER_EVENT as MOST_PAIRS
from liveprofile.profiles.items.co_occurrence import PAIR
from liveprofile.profiles.kernel.context import DETECTIONS, ENTRIES, LABELLED, PAIRS, SESSIONS, DetectionBuffers
from liveprofile.profiles.kernel.detections import DETECTION, MOST_PER_EVENT
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.predictions.cold_start_example import ENTERED
from liveprofile.profiles.predictions.predict import LABELLED_EXAMPLE
from liveprofile.profiles.predictions.predict import MOST_PER_EVENT as MOST_LABELLED

PAIRS_PER_DETECTION = 2
"""Places for pairs per detection: nearly every activity gives some. More would not stay in the processor's cache."""


def new_buffers(detections: int, dims: int) -> DetectionBuffers:
    """Buffers for so many detections, and for the records beside them; directions have `dims` dimensions."""
    return DetectionBuffers(
        detections=np.zeros(detections, DETECTION),
        directions=np.zeros((detections, dims), np.int16),
        topics=np.zeros(detections, np.uint32),
        pairs=np.zeros(max(PAIRS_PER_DETECTION * detections, MOST_PAIRS), PAIR),
        labelled=np.zeros(max(detections, MOST_LABELLED), LABELLED_EXAMPLE),
        sessions=np.zeros(max(detections, MOST_SESSIONS), SESSION),
        entered=np.zeros(detections, ENTERED),
        filled=np.zeros(ENTRIES + 1, np.int64),
    )


@compiled
def has_room(buffers: DetectionBuffers) -> bool:
    """Whether the worst case of one activity, or of one moment of time, still fits."""
    detections, pairs, labelled = buffers.filled[DETECTIONS], buffers.filled[PAIRS], buffers.filled[LABELLED]
    return bool(
        detections + MOST_PER_EVENT <= len(buffers.detections)
        and pairs + MOST_PAIRS <= len(buffers.pairs)
        and labelled + MOST_LABELLED <= len(buffers.labelled)
        and buffers.filled[SESSIONS] + MOST_SESSIONS <= len(buffers.sessions)
        and buffers.filled[ENTRIES] < len(buffers.entered)
    )
