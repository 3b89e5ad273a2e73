"""Calm: only what shoppers do while none of their anomalies is open is learnt as usual."""

from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import KIND_COUNT, Row


@compiled
def any_open(row: Row) -> bool:
    """Whether an anomaly is open."""
    for kind in range(KIND_COUNT):
        if row.anomaly_s[kind] != 0:
            return True
    return False
