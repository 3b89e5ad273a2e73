"""A moment: what the passing of time does to a profile and to the activity it takes now."""

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.exact import remaining
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import Row

BURST = 3
"""Place of the burst half-life in `keep` and `fresh`; 0 to 2 are the scales."""

LAST_SECOND = 2**32 - 1

Factors = npt.NDArray[np.float64]


@compiled
def move_time(row: Row, event: Row, rules: Rules, state_decay: Factors, event_decay: Factors) -> int:
    """Move a profile's reference time to its activity's, and work out the decay on both sides.

    `keep` (4,) becomes the share of what was known that is left, `fresh` (4,) that of the activity's weight: 1 unless
    it is late. A late event leaves the reference time and decays itself, so that order does not matter (forward decay,
    Cormode et al., ICDE 2009). Returns the pause since the newest event known, ms: negative if this one is late.
    """
    time_ms = event.event_time_ms
    if row.events == 0:
        row.first_ms = row.seen_ms = time_ms
    pause_ms = time_ms - row.seen_ms
    row.first_ms = min(row.first_ms, time_ms)
    row.seen_ms = max(row.seen_ms, time_ms)
    for at in range(len(rules.decay_half_life_s)):
        state_decay[at] = remaining(pause_ms, rules.decay_half_life_s[at])
        event_decay[at] = remaining(-pause_ms, rules.decay_half_life_s[at])
    return int(pause_ms)


@compiled
def now_s(row: Row) -> int:
    """A profile's reference time in epoch seconds."""
    return epoch_s(row.seen_ms)


@compiled
def epoch_s(time_ms: int) -> int:
    """Epoch seconds as rows keep them in 32 bits: from 1, since 0 stands for never, to the year 2106.

    >>> epoch_s(-5_000), epoch_s(1_700_000_000_123), epoch_s(10**15)
    (1, 1700000000, 4294967295)
    """
    return min(max(int(time_ms // 1000), 1), LAST_SECOND)
