"""The timer of the one trait that changes by time alone: the spend band falls as recent spend decays."""

import numpy as np

from liveprofile.profiles.kernel.detections import Detections
from liveprofile.profiles.kernel.trait_calls import SPEND_BAND_PATH, detect_spend_band
from liveprofile.profiles.numeric.aliases import Row, Rules
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.traits.spend_band import next_fall_ms


@compiled
def fire_traits(row: Row, time_ms: int, rules: Rules, detections: Detections, count: int) -> int:
    """Publish band changes by time alone; returns the new number of changes."""
    if row.published_spend_band == 0:
        return count
    return detect_spend_band(row, time_ms, np.inf, rules, detections, count)[0]


@compiled
def next_trait_ms(row: Row, after_ms: int, rules: Rules) -> int:
    """Time of the next band change by time alone; `spend_band.NEVER` for none."""
    return next_fall_ms(row, after_ms, row.published_s[SPEND_BAND_PATH], rules)
