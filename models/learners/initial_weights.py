"""Initial weights of a task before the shop has labels: figures of shops in general from publications."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from liveprofile.models.learners.scorecard import INPUTS, KNOTS

Floats = npt.NDArray[np.float64]

CART, FOCUS = 2, 7
"""Places of the inputs `session_cart` and `session_focus`, see `profiles.predictions.inputs.TABLE`."""
EXAMPLES = 20.0
"""Number of examples that the initial rate counts as."""


class Start(NamedTuple):
    """A first scorecard, without pairs."""

    bias: float
    tables: Floats
    """(INPUTS, KNOTS)"""


def _start(bias: float, lines: Mapping[int, tuple[float, ...]]) -> Start:
    """Lines by input: the value at 0, 1, 2 and so on; constant beyond the last one."""
    tables = np.zeros((INPUTS, KNOTS))
    for at, knots in lines.items():
        tables[at] = (*knots, *[knots[-1]] * (KNOTS - len(knots)))
    return Start(bias, tables)


STARTS: Mapping[str, Start] = {
    "purchase.session": _start(-3.7, {CART: (0.0, 2.5, 4.0), FOCUS: (-0.8, -0.4, 0.0, 0.4, 0.8)}),
}
"""By task. 2 to 3% of a shop's visits end in an order, and 3 in 10 of the visits with a cart (70% are abandoned: the
mean of some 50 studies that the Baymard Institute lists). So one product in the cart adds 2.5 to the log-odds, and
three add 4. Shoppers who come to buy look at one kind of product repeatedly (Moe, Journal of Consumer Psychology 13,
2003). The weight of that was chosen on the first half of the REES46 sample by its predictions there.
"""
