"""Spend: totals, the decayed recent spend, and the robust z-score of an order for this shopper."""

from liveprofile.profiles.fold.orders import short_source
from liveprofile.profiles.kernel.context import FoldContext
from liveprofile.profiles.kernel.detections import any_open
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.aliases import Factors
from liveprofile.profiles.numeric.exact import log2, remaining
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


NO_ORDER = (0.0, 0.0, 0.0)
"""What `update_spend` returns for no order."""


@compiled
def update_spend(
    row: Row, event: Row, placed_ms: int, rules: Rules, context: FoldContext, state_decay: Factors, event_decay: Factors
) -> tuple[float, float, float]:
    """Add the order; returns its robust z against the orders before it, its distance in log2, and its z in the shop.

    All are 0 for no order, and for one without a known amount. A refund of a known order, placed at `placed_ms`, takes
    back what is left of it in the recent spend; `placed_ms` is 0 for others.
    """
    found, total = NO_ORDER, max(event.order_total, 0)
    recent = row.spend_recent * state_decay[LONG]
    if event.line == 0 and event.action == PURCHASE:
        recent += total * event_decay[LONG]
        if total > 0:
            found = _add_amount(row, total, rules, context)
        row.orders += 1
    elif event.line == 0 and event.action == REFUND:
        kept = event_decay[LONG]
        if placed_ms != 0:
            kept = _left_of(row, placed_ms, rules)
        recent = max(recent - total * kept, 0.0)
        row.refunded = min(row.refunded + total, MOST_SPENT)
        row.refunds += 1
    row.spend_recent = recent
    return found


@compiled
def correct_spend(
    row: Row, ledger: Row, place: int, event: Row, rules: Rules, context: FoldContext
) -> tuple[float, float, float]:
    """Replace the amount of the order at a place of the ledger by that of a later version; returns as `update_spend`.

    Zeros unless the amount rose. An unknown amount changes nothing. An order is never refunded by more than its total.
    """
    before, total = int(ledger.order_total[place]), int(max(event.order_total, 0))
    if total == 0 or total == before:
        return NO_ORDER
    ledger.order_total[place] = total
    left = _left_of(row, ledger.order_placed_ms[place], rules)
    back = max(int(ledger.order_refunded[place]) - total, 0)
    ledger.order_refunded[place] -= back
    row.refunded = max(row.refunded - back, 0)
    row.spend_recent = max(row.spend_recent + (total - before + back) * left, 0.0)
    if before == 0:
        ledger.order_priced[place] = short_source(event.source)
        return _add_amount(row, total, rules, context)
    row.spent = min(max(row.spent + total - before, 0), MOST_SPENT)
    if total < before:
        return NO_ORDER
    usual, width = _usual(row, rules, context)
    size = log2(float(total))
    return (size - usual) / width, usual, (size - context.order_location) / context.order_spread


@compiled
def _left_of(row: Row, placed_ms: int, rules: Rules) -> float:
    """The share of an order placed then that the recent spend still has."""
    return remaining(row.seen_ms - placed_ms, rules.decay_half_life_s[LONG])


@compiled
def _add_amount(row: Row, total: int, rules: Rules, context: FoldContext) -> tuple[float, float, float]:
    """Count an order with a known amount, and learn what is usual; the recent spend is the caller's."""
    row.spent = min(row.spent + total, MOST_SPENT)
    size = log2(float(total))
    score, usual = _judge_and_learn(row, size, rules, context)
    row.orders_priced += 1
    return score, usual, (size - context.order_location) / context.order_spread


@compiled
def _usual(row: Row, rules: Rules, context: FoldContext) -> tuple[float, float]:
    """Location and spread of log2(order): the shopper's, shrunk to the population's while orders are few.

    Only orders with a known amount count.
    """
    orders, prior = float(row.orders_priced) if row.order_spread > 0 else 0.0, rules.spend_prior_orders
    usual = (orders * row.order_location + prior * context.order_location) / (orders + prior)
    width = max((orders * row.order_spread + prior * context.order_spread) / (orders + prior), LEAST_SPREAD)
    return usual, width


@compiled
def _judge_and_learn(row: Row, size: float, rules: Rules, context: FoldContext) -> tuple[float, float]:
    """Robust z of `size`, log2 of an order's amount, and the usual one.

    An extreme order is not excluded from the estimate, but moves it little: a shopper may begin to spend more. Nothing
    is learnt while an anomaly is open.
    """
    orders = float(row.orders_priced) if row.order_spread > 0 else 0.0
    usual, width = _usual(row, rules, context)
    step = max(1.0 / (orders + 1.0), LEAST_STEP)
    start = usual if orders == 0 else float(row.order_location)
    moved = min(max(size - start, -CLIP * width), CLIP * width)
    if orders == 0:
        row.order_location = usual + moved
        row.order_spread = context.order_spread
    elif not any_open(row):
        away = min(abs(moved) * SIGMA_OF_MEAN_DEVIATION, CLIP * width)
        row.order_location += step * moved
        row.order_spread += step * (away - row.order_spread)
    z: float = (size - usual) / width
    return z, usual
