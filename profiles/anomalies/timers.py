"""Timers of anomalies: an open anomaly is cleared and a session ends when time passes, without an activity."""

from liveprofile.profiles.anomalies.decide import clear_due, next_clear_ms
from liveprofile.profiles.anomalies.sessions import end_session, session_end_ms
from liveprofile.profiles.kernel.context import DetectionBuffers
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import Row


@compiled
def next_anomaly_ms(row: Row, rules: Rules) -> int:
    """The next moment at which `fire_anomalies` has an effect, epoch milliseconds; 0 for never."""
    clear, end = next_clear_ms(row), session_end_ms(row, rules)
    return min(clear, end) if clear != 0 and end != 0 else max(clear, end)


@compiled
def fire_anomalies(row: Row, until_ms: int, rules: Rules, buffers: DetectionBuffers, count: int) -> int:
    """Fire everything that was due by `until_ms`, in order; returns the number of detections."""
    end = session_end_ms(row, rules)
    if end != 0 and end <= until_ms:
        count = clear_due(row, end, rules, buffers.detections, count)
        end_session(row, end, buffers)
    return clear_due(row, until_ms, rules, buffers.detections, count)
