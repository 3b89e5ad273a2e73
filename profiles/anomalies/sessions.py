"""Sessions: the maximum score of each detector in a session, from which the learner calibrates p-values."""

import numpy as np

from liveprofile.profiles.anomalies.kinds import FIRST_OF_DAY, FLAGGED, INPUTS_FROM, SESSION_NUMBERS
from liveprofile.profiles.kernel.context import SESSIONS, DetectionBuffers
from liveprofile.profiles.kernel.detections import any_open
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import DETECTORS, OUTLIER_INPUTS, Row

SESSION = np.dtype(
    [
        ("event", "<i4"),  # place of the activity in the batch; of the profile in the table, for what a tick did
        ("time_ms", "<i8"),  # when it ended
        ("numbers", "<f4", (SESSION_NUMBERS,)),  # see `kinds`
    ],
    align=True,
)
MOST_PER_EVENT = 1
STILL_OPEN = 255
"""`anomaly_flagged` of a session that began while an anomaly was open: not learnt from, and no alert of its own."""
DAY_MS = 86_400_000


@compiled
def begin_session(row: Row, begins: bool, asleep: float, buffers: DetectionBuffers) -> None:
    """Begin a session if the activity begins a visit; sessions that go on at once are one to the detectors.

    `asleep` is the dormancy score of the pause before it.
    """
    if not begins:
        row.anomaly_session_ms = min(row.anomaly_session_ms, row.session_start_ms)
        return
    if row.anomaly_session != 0:
        end_session(row, row.session_start_ms, buffers)
    day = int(row.session_start_ms // DAY_MS) & 0xFFFF
    row.anomaly_first = day != row.anomaly_day
    row.anomaly_day, row.anomaly_session, row.anomaly_session_ms = day, 1, row.session_start_ms
    row.anomaly_flagged = STILL_OPEN if any_open(row) else 0
    row.anomaly_dormancy = asleep
    for at in range(DETECTORS):
        row.anomaly_max_scores[at] = 0.0


@compiled
def session_end_ms(row: Row, rules: Rules) -> int:
    """When the current session ends, epoch milliseconds; 0 for none."""
    return int(row.seen_ms + rules.session_gap_s * 1000) + 1 if row.anomaly_session != 0 else 0


@compiled
def end_session(row: Row, at_ms: int, buffers: DetectionBuffers) -> None:
    """Record the session for the learner, and reset its numbers."""
    one = buffers.sessions[buffers.filled[SESSIONS]]
    buffers.filled[SESSIONS] += 1
    one.event, one.time_ms = -1, at_ms
    for at in range(DETECTORS):
        one.numbers[at], row.anomaly_max_scores[at] = row.anomaly_max_scores[at], 0.0
    one.numbers[FLAGGED], one.numbers[FIRST_OF_DAY] = row.anomaly_flagged, row.anomaly_first
    for at in range(OUTLIER_INPUTS):
        one.numbers[INPUTS_FROM + at], row.anomaly_input[at] = row.anomaly_input[at] / 255.0, 0
    row.anomaly_session = 0
