"""Predictions with their labels and baselines without a model: prior rate, recency, frequency."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.state.row import TASKS
from liveprofile.streams.backtest.task.cases import OURS, Forecast
from liveprofile.streams.backtest.truth.shoppers import DAY_MS, GAP_MS, Prospect, Shoppers, Visit

WEEK, CHURN = TASKS.index("purchase.week"), TASKS.index("churn")
RATE = "prior rate"
"""The true rate of the cases: the best constant prediction."""
CART = "rate by cart"
"""The rate of purchase so far of sessions with, or without, something in the cart."""

Numbers = npt.NDArray[np.float64]


def judged(
    task: str,
    users: Sequence[bytes],
    times_ms: Sequence[int],
    happened: Sequence[bool],
    probabilities: Sequence[float],
    scores: Mapping[str, Sequence[float]],
    rates: Mapping[str, Numbers] | None = None,
) -> Forecast:
    """The model's cases with the baselines: `scores` only rank, `rates` are counted probabilities.

    Cases before the first model have probability 0 and are left out for all methods; `before` counts them. If a model
    never predicted, the model is left out and the cases stay.
    """
    kept = np.array(probabilities, dtype=float) > 0
    predicted = bool(kept.any())
    kept |= not predicted
    labels = np.array(happened, dtype=bool)[kept]
    ours = {OURS: np.array(probabilities, dtype=float)[kept]} if predicted else {}
    constant = {RATE: np.full(len(labels), labels.mean() if len(labels) else 0.0)}
    return Forecast(
        task,
        users=np.array([one.hex() for one in users])[kept],
        times_ms=np.array(times_ms, dtype=np.int64)[kept],
        happened=labels,
        probabilities=ours | constant | {name: one[kept] for name, one in (rates or {}).items()},
        scores={name: np.array(values, dtype=float)[kept] for name, values in scores.items()},
        details={"happened": int(labels.sum()), "before": int(np.count_nonzero(~kept))},
    )


def counted(visits: Sequence[Visit], rule: Callable[[Visit], bool]) -> Numbers:
    """For each visit, in the order of time, the rate of purchase so far of visits of its kind.

    Starts with two visits of which one had a purchase.
    """
    known = sorted(visits, key=lambda one: one.last_ms)
    bought, seen, at, rates = Counter[bool](), Counter[bool](), 0, np.zeros(len(visits))
    for place, visit in enumerate(visits):
        while at < len(known) and known[at].last_ms + GAP_MS < visit.time_ms:
            seen[rule(known[at])] += 1
            bought[rule(known[at])] += known[at].bought
            at += 1
        rates[place] = (bought[rule(visit)] + 1) / (seen[rule(visit)] + 2)
    return rates


def intent(visits: Sequence[Visit]) -> Forecast:
    """Whether a session ends in a purchase, predicted after its third action."""
    return judged(
        "intent",
        [one.key for one in visits],
        [one.time_ms for one in visits],
        [one.bought for one in visits],
        [one.probability for one in visits],
        {
            "recency": [one.recency for one in visits],
            "frequency": [one.frequency for one in visits],
            "quick session": [-one.minutes for one in visits],
            "cart in session": [float(one.in_cart) for one in visits],
        },
        {CART: counted(visits, lambda one: one.in_cart > 0)},
    )


def purchase_week(asked: Sequence[Prospect], later: Shoppers, now_ms: int) -> Forecast:
    """Whether a shopper buys within the 7 days after the question."""
    return judged(
        "purchase",
        [one.key for one in asked],
        [now_ms] * len(asked),
        [later.ordered_between(one.key, now_ms, now_ms + 7 * DAY_MS) for one in asked],
        [one.probabilities[WEEK] for one in asked],
        {
            "recency": [(one.ordered_ms - now_ms) / DAY_MS for one in asked],
            "frequency": [float(one.orders) for one in asked],
        },
    )


def churn(asked: Sequence[Prospect], left_ms: Sequence[int | None], now_ms: int) -> Forecast:
    """Whether a shopper has left for good by now; `left_ms` is the truth, None for shoppers who will return."""
    return judged(
        "churn",
        [one.key for one in asked],
        [now_ms] * len(asked),
        [at is not None and at <= now_ms for at in left_ms],
        [one.probabilities[CHURN] for one in asked],
        {
            "recency": [(now_ms - one.seen_ms) / DAY_MS for one in asked],
            "frequency": [-one.events_a_day for one in asked],
        },
    )
