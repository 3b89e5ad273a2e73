"""RFM: recency, frequency and monetary value of orders, with scores from 1 to 5 by the bounds in the policy.

Recency counts from the last order. Frequency and monetary value are decayed sums with the long half-life. So all three
can be computed for any moment (Hughes, Strategic Database Marketing, 1994, with fixed bounds in place of quintiles).
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from liveprofile.profiles.numeric.aliases import Columns
from liveprofile.profiles.numeric.exact import remaining
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.records.sections import Section, setting
from liveprofile.profiles.traits.trait import Part, Trait

DAY_MS = 86_400_000


@dataclass(frozen=True)
class RfmSettings(Section):
    """The bounds of the scores."""

    recency_days: tuple[float, ...] = setting(
        (7.0, 30.0, 90.0, 180.0), "Days since the last order up to which recency scores 5, 4, 3 and 2."
    )
    orders: tuple[float, ...] = setting(
        (0.5, 1.5, 3.0, 6.0), "Decayed orders from which frequency scores 2, 3, 4 and 5."
    )
    spend: tuple[float, ...] = setting(
        (25.0, 100.0, 250.0, 1000.0), "Decayed spend from which monetary value scores 2, 3, 4 and 5; major units."
    )


class Rfm(msgspec.Struct, frozen=True, gc=False):
    """Recency, frequency and monetary value, each with its score from 1 to 5; see `rfm`."""

    recency_days: float
    """Since the last order."""
    orders: float
    """Decayed with the long half-life."""
    spend: float | None
    """Decayed with the long half-life, major units; of the orders with a known amount, null without one."""
    recency_score: int
    frequency_score: int
    monetary_score: int | None


def rfm(row: np.void, time_ms: int, policy: Any) -> Rfm | None:
    """A profile's RFM at a moment not before its newest event; None without orders."""
    left = remaining(time_ms - int(row["seen_ms"]), policy.decay.half_life_s["long"])
    orders = float(row["by_action"][Action.PURCHASE]) * left
    spend = float(row["spend_recent"]) * left / 100 if row["orders_priced"] else None
    return rfm_of((time_ms - int(row["last_order_ms"])) / DAY_MS, orders, spend, policy.rfm) if row["orders"] else None


def rfm_of(recency_days: float, orders: float, spend: float | None, settings: RfmSettings) -> Rfm:
    """The three numbers with their scores; `spend` is None if the amount of no order is known.

    >>> scored = rfm_of(3.0, 2.0, 40.0, RfmSettings())
    >>> scored.recency_score, scored.frequency_score, scored.monetary_score
    (5, 3, 2)
    """
    return Rfm(
        recency_days=round(recency_days, 2),
        orders=round(orders, 3),
        spend=None if spend is None else round(spend, 2),
        recency_score=5 - bisect_left(settings.recency_days, recency_days),
        frequency_score=1 + bisect_right(settings.orders, orders),
        monetary_score=None if spend is None else 1 + bisect_right(settings.spend, spend),
    )


def rfm_shown(columns: Columns, policy: Any) -> list[Rfm | None]:
    """The three as a snapshot shows them, as of the newest event; None without orders."""
    decayed, bounds = columns.rows["by_action"][:, Action.PURCHASE].tolist(), policy.rfm
    rest = columns.together("orders", "seen_ms", "last_order_ms", "orders_priced", "spend_recent")
    return [
        rfm_of((seen_ms - last_ms) / DAY_MS, bought, spend / 100 if priced else None, bounds) if orders else None
        for bought, (orders, seen_ms, last_ms, priced, spend) in zip(decayed, rest, strict=True)
    ]


RFM = Trait(name="rfm", meaning="Recency, frequency and monetary value of orders.", part=Part("rfm", Rfm, rfm_shown))
