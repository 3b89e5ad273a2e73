"""Spend detector: an order far above the shopper's own orders, in deviations and in size, or far above the shop's."""

import math

from liveprofile.profiles.numeric.exact import log2
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import Row


@compiled
def score_spend(event: Row, robust_z: float, usual_order: float, shop_z: float) -> float:
    """Geometric mean of the order's robust z and of its octaves above the usual order (log2, minor units).

    Deviations alone find a second pair of shoes where orders are always alike, octaves alone the one sofa of those
    whose orders vary. Where little is known of a shopper, or the orders vary much, neither says much of an order that
    the whole shop hardly ever sees: its robust z among all orders, `shop_z`, counts where it is larger. 0 for no order,
    and for one below the usual.
    """
    if robust_z <= 0.0:
        return 0.0
    octaves = log2(max(float(event.order_total), 1.0)) - usual_order
    return max(math.sqrt(robust_z * max(octaves, 0.0)), shop_z)
