"""Detections: what compiled code publishes, as numbers; `output` turns them into records.

A detection is recorded in the same step as the publication, because the next activity of the same batch may change the
profile.
"""

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import ANOMALIES, DETECTORS, KIND_COUNT, PATHS, SEGMENTS, TOPICS_PUBLISHED, Row

ANOMALY = 64
"""A detection's `about` is the place of a path in `PATHS`, or this plus the place of a kind in `ANOMALIES`."""
FORGOTTEN = ANOMALY - 1
"""The `about` of a profile that was erased for idleness; no path has this place."""
CLEARED, RAISED, UPDATED = 0, 1, 2
"""Steps in the life of an anomaly."""
MOST_PER_EVENT = len(PATHS) + len(ANOMALIES) + 2 * SEGMENTS + 32
VALUE = 0
"""Place in `before` and `after` of a change of one number."""
EARLIER = 2
"""Maximum number of earlier actions named as evidence."""

DETECTION = np.dtype(
    [
        ("event", "<i4"),  # place of the activity in the batch; of the profile in the table, for a tick
        ("about", "u1"),
        ("raised", "u1"),  # of an anomaly: CLEARED, RAISED or UPDATED
        ("severity", "u1"),  # of an anomaly, 0 to 100
        ("step", "u1"),  # of an anomaly: which of its facts this is, from 1
        ("version", "<u4"),  # of the profile; of an anomaly its serial number
        ("before", "<i8", (TOPICS_PUBLISHED,)),  # digests, or one number
        ("after", "<i8", (TOPICS_PUBLISHED,)),
        ("threshold", "<f8"),
        ("observed", "<f8"),  # the observed value; of an anomaly its score
        ("since_s", "<u4"),  # of an anomaly
        ("at_ms", "<i8"),  # when it happened, for a change by time alone; 0 for the time of the activity
        ("evidence", "<f8"),  # of an anomaly: -log10 of its p-value; -1 for none
        ("detector_evidence", "<f8", (DETECTORS,)),  # of an anomaly: the same for each detector
        ("signals", "<f8", (6,)),  # of an anomaly or a prediction: the numbers behind it, see its `messages`
        ("weight", "<f8"),  # of the action
        ("earlier_source", "<u8", (EARLIER,)),  # other actions on the same topic, newest first; 0 for none
        ("earlier_s", "<u4", (EARLIER,)),
        ("earlier_weight", "<f8", (EARLIER,)),
    ],
    align=True,
)

Detections = npt.NDArray[np.void]


@compiled
def record_detection(detection: Row, about: int, before: int, after: int, threshold: float, observed: float) -> None:
    """Record a change of one number."""
    detection.about, detection.threshold, detection.observed = about, threshold, observed
    for at in range(TOPICS_PUBLISHED):
        detection.before[at], detection.after[at] = 0, 0
    detection.before[VALUE], detection.after[VALUE] = before, after


@compiled
def any_open(row: Row) -> bool:
    """Whether an anomaly is open: baselines are learnt only while none is."""
    for kind in range(KIND_COUNT):
        if row.anomaly_s[kind] != 0:
            return True
    return False
