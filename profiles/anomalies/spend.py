"""Spend detector: an order far above the shopper's own orders, in deviations and in size, or far above the shop's."""

import math

from liveprofile.profiles.numeric.exact import log2
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import Row


@compiled
def score_spend(event: Row, robust_z: float, usual_order: float, shop_z: float) -> float:
    """Geometric mean of the order's robust z and of its octaves above the usual order (log2, minor units).

    Deviations alone would flag a slightly larger order of a shopper with very regular orders; octaves alone would flag
    any large order of a shopper with varied orders. Both are weak for a new shopper or for varied orders. There the
    robust z among all orders of the shop, `shop_z`, counts if it is larger. 0 for no order, and for an order below the
    usual one.
    """
    if robust_z <= 0.0:
        return 0.0
    octaves = log2(max(float(event.order_total), 1.0)) - usual_order
    return max(math.sqrt(robust_z * max(octaves, 0.0)), shop_z)
