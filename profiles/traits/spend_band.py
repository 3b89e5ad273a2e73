"""The spend band: recent spend halves with time, so the moment at which it falls into a lower band is known."""

import numpy as np

from liveprofile.profiles.kernel.detections import Detections, record_detection
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.kernel.rate_limit import is_due_at
from liveprofile.profiles.numeric.exact import log2, remaining
from liveprofile.profiles.numeric.hysteresis import ladder_band, ladder_bound
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import LONG, PATHS, Row

SPEND_PATH = PATHS.index("spend.band")
"""Place of the half-life of spend."""
NEVER = 1 << 62
SECOND_MS = 1000


@compiled
def judge_band(
    row: Row, time_ms: int, most: float, rules: Rules, detections: Detections, count: int
) -> tuple[int, int]:
    """Note another band than was said, as of `time_ms`; returns the number of notes, and of changes held back.

    It is held back while more than `most` was said, see `due.refill_publish_budget`.
    """
    recent, before = recent_at(row, time_ms, rules), int(row.published_spend_band)
    after = ladder_band(before, recent, rules.spend_bounds, rules.spend_exit_factor)
    if after == before:
        return count, 0
    if not is_due_at(row, time_ms, most, SPEND_PATH, rules.spend_interval_s):
        return count, 1
    bound = ladder_bound(before, after, rules.spend_bounds, rules.spend_exit_factor)
    record_detection(detections[count], SPEND_PATH, before, after, bound, recent)
    row.published_spend_band = after
    return count + 1, 0


@compiled
def recent_at(row: Row, time_ms: int, rules: Rules) -> float:
    """Recent spend at a moment not before the newest activity, major units."""
    return float(row.spend_recent / 100.0 * remaining(time_ms - row.seen_ms, rules.decay_half_life_s[LONG]))


@compiled
def fall_in_band(row: Row, time_ms: int, rules: Rules, detections: Detections, count: int) -> int:
    """Say what time alone has done to the band; returns the number of notes."""
    return judge_band(row, time_ms, np.inf, rules, detections, count)[0] if row.published_spend_band > 0 else count


@compiled
def next_fall_ms(row: Row, after_ms: int, rules: Rules) -> int:
    """When the said band is left downwards by time alone, not before it may be said again; `NEVER` for the lowest.

    Spend v falls below c after h log2(v / c); the millisecond is then searched among its neighbours.
    """
    if row.published_spend_band == 0:
        return NEVER
    bound = rules.spend_bounds[int(row.published_spend_band) - 1] * rules.spend_exit_factor
    if bound <= 0.0:
        return NEVER
    may_ms = after_ms + 1
    if row.published_s[SPEND_PATH] != 0:
        may_ms = max(may_ms, int((row.published_s[SPEND_PATH] + rules.spend_interval_s) * SECOND_MS))
    if recent_at(row, may_ms, rules) < bound:
        return int(may_ms)
    half_life_ms = rules.decay_half_life_s[LONG] * SECOND_MS
    guess = int(row.seen_ms) + int(half_life_ms * log2(row.spend_recent / 100.0 / bound))
    margin = 2 + int(half_life_ms * 4e-9)
    low, high = max(may_ms, guess - margin), max(may_ms, guess + margin) + 1
    while high - low > 1:
        middle = (low + high) // 2
        if recent_at(row, middle, rules) < bound:
            high = middle
        else:
            low = middle
    return int(high)
