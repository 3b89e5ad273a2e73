"""The inputs of predictions: 26 documented numbers of a profile, in fixed point.

Every input lies between 0 and 12: counts and times are log2(1 + x), ratios are shifted to the middle. So one unit has
about the same size in every input. As an integer, `ONE` stands for 1.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from liveprofile.models.learners.scorecard import ONE, ScorecardLayout
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.exact import log2
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.numeric.places import places_of
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.state.row import LOCATION, PREDICTION_INPUTS, SESSION, TOPICS, Row

MIDDLE = 5.0
"""Offset added to the logarithm of a ratio: 5 means equal."""
MOST = 12.0
HOUR_MS = 3_600_000

Inputs = npt.NDArray[np.int16]


class Input(NamedTuple):
    """One input: its name, its meaning, and its description in messages."""

    name: str
    meaning: str
    words: str


TABLE = (
    Input("session_events", "log2(1 + activities of the session)", "the length of this session"),
    Input("session_looks", "log2(1 + views and clicks of the session)", "what was looked at in this session"),
    Input("session_cart", "log2(1 + carts less removals of the session)", "what was put into the cart this session"),
    Input("session_searches", "log2(1 + searches of the session)", "searches in this session"),
    Input("session_orders", "log2(1 + orders of the session)", "orders in this session"),
    Input("session_minutes", "log2(1 + minutes since the session began)", "time spent in this session"),
    Input("session_wish_ratio", "5 + log2((wishes + 0.5) / (looks + 1)) of the session", "wishes for each look now"),
    Input("session_focus", "4 x largest topic's share of session interest", "how much this session is about one topic"),
    Input("looks", "log2(1 + decayed views and clicks)", "what was looked at lately"),
    Input("wishes", "log2(1 + decayed carts and favourites)", "what was put into carts lately"),
    Input("searches", "log2(1 + decayed searches)", "searches lately"),
    Input("orders_lately", "log2(1 + decayed orders)", "orders lately"),
    Input("wish_ratio", "5 + log2((wishes + 0.5) / (looks + 1)), decayed", "wishes for each look"),
    Input("order_ratio", "5 + log2((orders + 0.5) / (wishes + 1)), decayed", "orders for each wish"),
    Input("week", "log2(1 + activities, decayed with the short half-life)", "activity of the last days"),
    Input("orders", "log2(1 + orders ever)", "orders so far"),
    Input("spend", "log2(1 + decayed spend, major units)", "recent spend"),
    Input("since_order", "log2(1 + hours since the last order); 12 for never", "time since the last order"),
    Input("order_due", "5 + log2(hours since the last order / own gap); 0 if unknown", "where they are between orders"),
    Input("pause", "log2(1 + hours between this session and the one before); 12 for the first", "the pause before"),
    Input("visit_gap", "log2(1 + own usual hours between sessions); 0 if unknown", "their usual pause"),
    Input("tenure", "log2(1 + days known)", "how long they are known"),
    Input("price", "4 + mean z of prices against their category", "how dear their choice is"),
    Input("specificity", "8 x mean specificity of queries", "how exact their searches are"),
    Input("quiet", "log2(1 + hours since the newest activity)", "how long they have been away"),
    Input("quiet_due", "5 + log2(hours since the newest activity / own gap); 0 if unknown", "a pause for them"),
)
"""The inputs, in the order of a row's `pending_input`. A change of meaning needs a new layout of the examples."""
AT = places_of(one.name for one in TABLE)
"""Places of the inputs by name."""
PAIRS = (
    ("session_cart", "orders"),
    ("session_events", "session_minutes"),
    ("session_looks", "session_cart"),
    ("pause", "visit_gap"),
    ("since_order", "order_due"),
    ("visit_gap", "quiet"),
    ("week", "tenure"),
    ("session_orders", "orders_lately"),
)
"""Inputs with effects that may depend on each other. Their order is that of adopted models, too."""
LAYOUT = ScorecardLayout(tuple(one.name for one in TABLE), PAIRS)
"""Identifier of the inputs, shared by learners and adopted models."""
RECENCY = "pause"
"""The input of a baseline by recency alone."""
assert len(TABLE) == PREDICTION_INPUTS, "a row has room for PREDICTION_INPUTS inputs"

VIEW, CLICK, CART, FAVOURITE = int(Action.VIEW), int(Action.CLICK), int(Action.CART), int(Action.FAVOURITE)
UNCART, SEARCH, PURCHASE = int(Action.UNCART), int(Action.SEARCH), int(Action.PURCHASE)


@compiled
def read_inputs(row: Row, rules: Rules, inputs: Inputs) -> None:
    """Write a profile's inputs (PREDICTION_INPUTS,), as of its newest activity."""
    _read_session(row, inputs)
    _read_lately(row, inputs)
    _read_rhythm(row, inputs)
    inputs[AT.price] = fixed(4.0 + row.price)
    inputs[AT.specificity] = fixed(8.0 * row.specificity)
    read_quiet(row, 0, inputs)


@compiled
def read_quiet(row: Row, quiet_ms: int, inputs: Inputs) -> None:
    """Write the inputs that change during a pause; all other inputs stay as of the newest activity."""
    hours = quiet_ms / HOUR_MS
    inputs[AT.quiet], inputs[AT.quiet_due] = fixed(log2(1.0 + hours)), 0
    if quiet_ms > 0 and row.visit_gap[LOCATION] > 0.0:
        inputs[AT.quiet_due] = fixed(MIDDLE + log2(hours) - row.visit_gap[LOCATION])


@compiled
def _read_session(row: Row, inputs: Inputs) -> None:
    count = row.session_by_action
    looks, wishes = float(count[VIEW]) + count[CLICK], float(count[CART]) + count[FAVOURITE]
    inputs[AT.session_events] = fixed(log2(1.0 + row.session_events))
    inputs[AT.session_looks] = fixed(log2(1.0 + looks))
    inputs[AT.session_cart] = fixed(log2(1.0 + max(float(count[CART]) - count[UNCART], 0.0)))
    inputs[AT.session_searches] = fixed(log2(1.0 + count[SEARCH]))
    inputs[AT.session_orders] = fixed(log2(1.0 + count[PURCHASE]))
    inputs[AT.session_minutes] = fixed(log2(1.0 + max(row.seen_ms - row.session_start_ms, 0) / 60_000.0))
    inputs[AT.session_wish_ratio] = fixed(MIDDLE + log2((wishes + 0.5) / (looks + 1.0)))
    largest, total = 0.0, 0.0
    for at in range(TOPICS):
        total += row.topic_mass[SESSION][at]
        largest = max(largest, row.topic_mass[SESSION][at])
    inputs[AT.session_focus] = fixed(4.0 * largest / total if total > 0.0 else 0.0)


@compiled
def _read_lately(row: Row, inputs: Inputs) -> None:
    count = row.by_action
    looks, wishes = max(count[VIEW] + count[CLICK], 0.0), max(count[CART] + count[FAVOURITE], 0.0)
    inputs[AT.looks] = fixed(log2(1.0 + looks))
    inputs[AT.wishes] = fixed(log2(1.0 + wishes))
    inputs[AT.searches] = fixed(log2(1.0 + count[SEARCH]))
    inputs[AT.orders_lately] = fixed(log2(1.0 + count[PURCHASE]))
    inputs[AT.wish_ratio] = fixed(MIDDLE + log2((wishes + 0.5) / (looks + 1.0)))
    inputs[AT.order_ratio] = fixed(MIDDLE + log2((count[PURCHASE] + 0.5) / (wishes + 1.0)))
    inputs[AT.week] = fixed(log2(1.0 + row.rate_short))
    inputs[AT.orders] = fixed(log2(1.0 + row.orders))
    inputs[AT.spend] = fixed(log2(1.0 + max(row.spend_recent, 0.0) / 100.0))


@compiled
def _read_rhythm(row: Row, inputs: Inputs) -> None:
    inputs[AT.since_order], inputs[AT.order_due] = fixed(MOST), 0
    if row.last_order_ms != 0:
        hours = max(row.seen_ms - row.last_order_ms, 0) / HOUR_MS
        inputs[AT.since_order] = fixed(log2(1.0 + hours))
        if row.order_gap[LOCATION] > 0.0:
            inputs[AT.order_due] = fixed(MIDDLE + log2(max(hours, 1.0)) - row.order_gap[LOCATION])
    inputs[AT.pause] = fixed(row.session_pause if row.session_pause > 0.0 else MOST)
    inputs[AT.visit_gap] = fixed(max(row.visit_gap[LOCATION], 0.0))
    inputs[AT.tenure] = fixed(log2(1.0 + max(row.seen_ms - row.first_ms, 0) / (24.0 * HOUR_MS)))


@compiled
def fixed(value: float) -> int:
    """A number between 0 and 12 in fixed point.

    >>> fixed(1.5), fixed(-3.0), fixed(99.0)
    (384, 0, 3072)
    """
    return int(min(max(value, 0.0), MOST) * ONE + 0.5)
