"""Spend: totals, the decayed recent spend, and the robust z-score of an order for this shopper."""

from liveprofile.profiles.kernel.detections import any_open
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.aliases import Factors
from liveprofile.profiles.numeric.exact import log2
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.state.row import LONG, Row

PURCHASE, REFUND = int(Action.PURCHASE), int(Action.REFUND)
LEAST_SPREAD = 0.35
"""Floor of the spread of log2(order): orders are never treated as more regular than a quarter up or down."""
CLIP = 2.5
"""An order moves location and spread as if it were at most this many spreads away (Huber 1964)."""
LEAST_STEP = 0.05
MOST_SPENT = 1 << 62
"""Totals stop here, in minor units, instead of overflowing."""
SIGMA_OF_MEAN_DEVIATION = 1.2533
"""Standard deviation over mean absolute deviation, for a normal distribution."""


@compiled
def update_spend(
    row: Row, event: Row, rules: Rules, location: float, spread: float, state_decay: Factors, event_decay: Factors
) -> tuple[float, float, float]:
    """Add the order; returns its robust z against the orders before it, its distance in log2, and its z in the shop.

    All are 0 for no order. `location` and `spread` are the population's, of log2(order total in minor units).
    """
    score, usual, among_all, total = 0.0, 0.0, 0.0, max(event.order_total, 0)
    recent = row.spend_recent * state_decay[LONG]
    if event.line == 0 and event.action == PURCHASE:
        recent += total * event_decay[LONG]
        row.spent = min(row.spent + total, MOST_SPENT)
        if total > 0:
            score, usual = _judge_and_learn(row, float(total), rules, location, spread)
            among_all = (log2(float(total)) - location) / spread
        row.orders += 1
    elif event.line == 0 and event.action == REFUND:
        recent = max(recent - total * event_decay[LONG], 0.0)
        row.refunded = min(row.refunded + total, MOST_SPENT)
        row.refunds += 1
    row.spend_recent = recent
    return score, usual, among_all


@compiled
def _judge_and_learn(row: Row, total: float, rules: Rules, location: float, spread: float) -> tuple[float, float]:
    """Robust z of log2(order): location and spread of the shopper, shrunk to the population's while orders are few.

    An extreme order is not excluded from the estimate, but moves it little: a shopper may begin to spend more. Nothing
    is learnt while an anomaly is open. Orders without an amount teach nothing; they are not counted while they are the
    only ones.
    """
    size, prior = log2(total), rules.spend_prior_orders
    orders = float(row.orders) if row.order_spread > 0 else 0.0
    usual = (orders * row.order_location + prior * location) / (orders + prior)
    width = max((orders * row.order_spread + prior * spread) / (orders + prior), LEAST_SPREAD)
    step = max(1.0 / (orders + 1.0), LEAST_STEP)
    start = usual if orders == 0 else float(row.order_location)
    moved = min(max(size - start, -CLIP * width), CLIP * width)
    if orders == 0:
        row.order_location = usual + moved
        row.order_spread = spread
    elif not any_open(row):
        away = min(abs(moved) * SIGMA_OF_MEAN_DEVIATION, CLIP * width)
        row.order_location += step * moved
        row.order_spread += step * (away - row.order_spread)
    z: float = (size - usual) / width
    return z, usual
