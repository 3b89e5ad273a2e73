"""First events of a clock that was wrong: a day of activity, then nothing for more than five years.

A device whose clock was never set sends its first events with a time long ago. Taken at its word, the shopper would be
known for decades. So where all that a profile has lies within one day, and the next activity more than five years
after it, the profile is moved to that activity. A late activity that lies more than five years before all others does
not make the shopper known since then.
"""

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.kernel.decay import LONGEST_BREAK_MS
from liveprofile.profiles.numeric.epoch import epoch_s
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import Row

DAY_MS = 86_400_000


@compiled
def is_misdated(row: Row, event: Row) -> bool:
    """Whether the profile's time was wrong, as its next activity shows."""
    within_a_day = row.events > 0 and row.seen_ms - row.first_ms <= DAY_MS
    return bool(within_a_day and event.event_time_ms - row.seen_ms > LONGEST_BREAK_MS)


@compiled
def move_profile(row: Row, to_ms: int) -> None:
    """Move all times of a profile, as if its newest activity had been at `to_ms`."""
    by_ms = to_ms - row.seen_ms
    row.first_ms, row.seen_ms, row.judged_ms = row.first_ms + by_ms, to_ms, to_ms
    row.session_start_ms, row.session_seen_ms = row.session_start_ms + by_ms, row.session_seen_ms + by_ms
    row.anomaly_session_ms += by_ms
    row.last_order_ms = row.last_order_ms + by_ms if row.last_order_ms != 0 else 0
    _move(row.pending_ms, by_ms)
    _move(row.pending_until_ms, by_ms)
    _move(row.anomaly_due_ms, by_ms)
    by_s, to_s = by_ms // 1000, epoch_s(to_ms)
    row.lifecycle_s = min(row.lifecycle_s + by_s, to_s) if row.lifecycle_s != 0 else 0
    _move_s(row.member_s, by_s, to_s)
    _move_s(row.published_s, by_s, to_s)
    _move_s(row.recent_s, by_s, to_s)
    _move_s(row.slot_s, by_s, to_s)
    _move_s(row.declared_s, by_s, to_s)
    _move_s(row.device_s, by_s, to_s)
    _move_s(row.network_s, by_s, to_s)
    _move_s(row.country_s, by_s, to_s)
    _move_s(row.anomaly_s, by_s, to_s)
    _move_s(row.anomaly_rest_s, by_s, to_s)


@compiled
def _move(times: npt.NDArray[np.int64], by: int) -> None:
    for at in range(len(times)):
        if times[at] != 0:
            times[at] += by


@compiled
def _move_s(times: npt.NDArray[np.uint32], by: int, last: int) -> None:
    for at in range(len(times)):
        if times[at] != 0:
            times[at] = min(int(times[at]) + by, last)
