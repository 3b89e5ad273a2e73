"""Velocity detector: the event rate of the last minute against the shopper's own rate over a week."""

from liveprofile.profiles.kernel.decay import BURST
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.exact import log2
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import SHORT, Row


@compiled
def velocity_score(rate_burst: float, rate_short: float, rules: Rules) -> float:
    """log2 of the fast event rate over the usual one, both as decayed counts of the burst half-life."""
    expected = rate_short * (rules.decay_half_life_s[BURST] / rules.decay_half_life_s[SHORT])
    return log2((rate_burst + 1.0) / (expected + 1.0))


@compiled
def score_velocity(row: Row, rules: Rules) -> float:
    """The score; 0 with too few events for a burst."""
    if row.rate_burst < rules.anomalies_velocity_min_events:
        return 0.0
    return max(velocity_score(row.rate_burst, row.rate_short, rules), 0.0)
