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

    A model that has not predicted yet says 0. Such cases count against it, and `predicted` says how many are others; a
    model that never predicted is not judged.
    """
    if not labels:
        return {"cases": 0}
    happened, rate = np.array(labels), float(np.mean(labels))
    return {
        "cases": len(labels),
        "happened": int(happened.sum()),
        "predicted": int(np.count_nonzero(chances)),
        "model": forecast(happened, chances) if any(chances) else {},
        "prior rate": forecast(happened, [rate] * len(labels)),
        **{name: ranking(happened, scores) for name, scores in baselines.items()},
        "rate": rounded(rate),
    }


def intent(visits: Sequence[Visit]) -> Figures:
    """Whether a session ends in a purchase, asked before its fourth act."""
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
