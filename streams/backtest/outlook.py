"""Predictions against what happened, beside what is known without any model: prior rate, recency, frequency."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from profiles.row import TASKS
from streams.backtest.scores import forecast, ranking, rounded
from streams.backtest.shoppers import DAY_MS, Prospect, Shoppers, Visit

Figures = dict[str, Any]
WEEK, CHURN = TASKS.index("purchase.week"), TASKS.index("churn")


def figures(labels: Sequence[bool], chances: Sequence[float], baselines: dict[str, Sequence[float]]) -> Figures:
    """Model and baselines on the same cases. The prior rate is the true one of these cases: no constant can do better.

    Cases that came before the first model, whose chance is 0, are left out for all alike; `before` counts them. A model
    that never predicted is not judged, and its cases stay.
    """
    if not labels:
        return {"cases": 0}
    kept = np.array(chances) > 0 if any(chances) else np.ones(len(labels), dtype=bool)
    happened = np.array(labels)[kept]
    rate = float(np.mean(happened))
    return {
        "cases": len(happened),
        "before": int(np.count_nonzero(~kept)),
        "happened": int(happened.sum()),
        "model": forecast(happened, np.array(chances)[kept]) if any(chances) else {},
        "prior rate": forecast(happened, [rate] * len(happened)),
        **{name: ranking(happened, np.array(scores)[kept]) for name, scores in baselines.items()},
        "rate": rounded(rate),
    }


def intent(visits: Sequence[Visit]) -> Figures:
    """Whether a session ends in a purchase, asked after its third act."""
    return figures(
        [one.bought for one in visits],
        [one.chance for one in visits],
        {"recency": [one.recency for one in visits], "frequency": [one.frequency for one in visits]},
    )


def purchase_week(asked: Sequence[Prospect], later: Shoppers, now_ms: int) -> Figures:
    """Whether a shopper buys within the 7 days after the question."""
    bought = [later.ordered_between(one.key, now_ms, now_ms + 7 * DAY_MS) for one in asked]
    recency = [(one.ordered_ms - now_ms) / DAY_MS for one in asked]
    return figures(
        bought,
        [one.chances[WEEK] for one in asked],
        {"recency": recency, "frequency": [float(one.orders) for one in asked]},
    )


def churn(asked: Sequence[Prospect], left_ms: Sequence[int | None], now_ms: int) -> Figures:
    """Whether a shopper has left for good by now; `left_ms` are the truth, None for those who will come again."""
    gone = [at is not None and at <= now_ms for at in left_ms]
    recency = [(now_ms - one.seen_ms) / DAY_MS for one in asked]
    return figures(
        gone,
        [one.chances[CHURN] for one in asked],
        {"recency": recency, "frequency": [-one.events_a_day for one in asked]},
    )
