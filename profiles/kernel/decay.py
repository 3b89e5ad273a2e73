"""Moves a profile's reference time, and computes the decay of its state and of the present activity."""

from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.aliases import Factors
from liveprofile.profiles.numeric.epoch import epoch_s
from liveprofile.profiles.numeric.exact import remaining
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import Row

FACTORS = 4
"""Number of decay factors: one for each half-life."""
BURST = 3
"""Place of the burst half-life in the decay factors; 0 to 2 are the scales."""

LONGEST_BREAK_MS = 5 * 366 * 86_400_000
"""A longer time without an activity is that of a wrong clock, see `fold.misdated`."""


@compiled
def move_time(row: Row, event: Row, rules: Rules, state_decay: Factors, event_decay: Factors) -> int:
    """Move a profile's reference time to that of its activity, and compute the decay on both sides.

    `keep` (4,) becomes the share of what was known that is left, `fresh` (4,) that of the activity's weight: 1 unless
    it is late. A late event leaves the reference time and decays itself, so that order does not matter (forward decay,
    Cormode et al., ICDE 2009). Returns the pause since the newest event known, ms: negative if this one is late.
    """
    time_ms = event.event_time_ms
    if row.events == 0:
        row.first_ms = row.seen_ms = time_ms
    pause_ms = time_ms - row.seen_ms
    if row.first_ms - time_ms <= LONGEST_BREAK_MS:
        row.first_ms = min(row.first_ms, time_ms)
    row.seen_ms = max(row.seen_ms, time_ms)
    for at in range(FACTORS):
        state_decay[at] = remaining(pause_ms, rules.decay_half_life_s[at])
        event_decay[at] = remaining(-pause_ms, rules.decay_half_life_s[at])
    return int(pause_ms)


@compiled
def now_s(row: Row) -> int:
    """A profile's reference time in epoch seconds."""
    return epoch_s(row.seen_ms)
