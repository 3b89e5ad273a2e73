"""Churn baselines from the times of purchases alone: recency, frequency, BG/NBD."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from liveprofile.streams.backtest.churn.bg_nbd import BgNbd, Histories

DAY_MS = 86_400_000
DAYS_BEFORE_MONDAY = 3
"""1970-01-01 was a Thursday; weeks begin on Mondays."""
PENALTY = 0.05
"""Penalty of BG/NBD, as in the published figures."""

Floats = npt.NDArray[np.float64]


def weekly(purchases: Sequence[Sequence[int]], now_ms: int) -> Histories:
    """Histories (n,) in calendar weeks with a purchase, as of the last moment before `now_ms`."""
    weeks = [sorted({_week(time_ms) for time_ms in times}) for times in purchases]
    now = _week(now_ms - 1)
    numbers = [(len(one) - 1, one[-1] - one[0], now - one[0]) for one in weeks]
    return Histories(*np.array(numbers, dtype=float).reshape(-1, 3).T)


def churn_scores(purchases: Sequence[Sequence[int]], now_ms: int, weeks: float) -> dict[str, Floats]:
    """Scores (n,) by baseline: a higher score means a higher probability of no purchase within `weeks` from now."""
    histories = weekly(purchases, now_ms)
    expected = BgNbd.fit(histories, PENALTY).expected(histories, weeks)
    return {
        "recency": np.array([(now_ms - times[-1]) / DAY_MS for times in purchases]),
        "frequency": -histories.repeats,
        "BG/NBD": -expected,
    }


def _week(time_ms: int) -> int:
    return (time_ms // DAY_MS + DAYS_BEFORE_MONDAY) // 7
