"""RFM: recency, frequency and monetary value of orders, with scores from 1 to 5 by the policy's bounds.

Recency counts from the last order; frequency and monetary value are decayed sums with the long half-life, so that all
three can be told for any moment (Hughes, Strategic Database Marketing, 1994, with fixed bounds in place of quintiles).
"""

from bisect import bisect_left, bisect_right

import numpy as np

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.numeric.exact import remaining
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.records.trait_snapshot import Rfm

DAY_MS = 86_400_000


def rfm(row: np.void, time_ms: int, policy: Policy) -> Rfm | None:
    """A profile's RFM at a moment not before its newest event; None where nothing was ordered."""
    left = remaining(time_ms - int(row["seen_ms"]), policy.decay.half_life_s["long"])
    orders, spend = float(row["by_action"][Action.PURCHASE]) * left, float(row["spend_recent"]) * left / 100
    return rfm_of((time_ms - int(row["last_order_ms"])) / DAY_MS, orders, spend, policy) if row["orders"] else None


def rfm_of(recency_days: float, orders: float, spend: float, policy: Policy) -> Rfm:
    """The three numbers with their scores.

    >>> scored = rfm_of(3.0, 2.0, 40.0, Policy())
    >>> scored.recency_score, scored.frequency_score, scored.monetary_score
    (5, 3, 2)
    """
    return Rfm(
        recency_days=round(recency_days, 2),
        orders=round(orders, 3),
        spend=round(spend, 2),
        recency_score=5 - bisect_left(policy.rfm_recency_days, recency_days),
        frequency_score=1 + bisect_right(policy.rfm_orders, orders),
        monetary_score=1 + bisect_right(policy.rfm_spend, spend),
    )
