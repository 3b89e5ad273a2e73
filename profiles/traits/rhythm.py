"""The rhythm of orders and visits: the usual gap, and the expected time of the next order.

Gaps are kept as location and spread of log2(hours). A late activity opens no gap: the rhythm is that of arrival.
"""

from liveprofile.profiles.numeric.aliases import Row, Rules
from liveprofile.profiles.numeric.exact import exp2, log2
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.numeric.robust_scale import LOCATION, SPREAD, huber_update
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.traits.trait import Field, Moment, Trait

PURCHASE = int(Action.PURCHASE)
HOUR_MS = 3_600_000
LEAST_STEP = 0.05
"""Minimum weight of a gap: a rhythm covers about the last 20 gaps."""
LEAST_GAPS = 2
"""Minimum number of gaps before an order is expected."""
MINUTE_MS = 60_000


@compiled
def update_rhythm(row: Row, event: Row, moment: Moment) -> None:
    """Learn the pause before a session that begins, and the gap before an order."""
    update_visits(row, moment.begins, moment.pause_ms, moment.rules)
    update_orders(row, event)


@compiled
def update_visits(row: Row, begins: bool, pause_ms: int, rules: Rules) -> None:
    """Count a session that begins, and learn the pause before it; a session parallel to another follows no pause."""
    if not begins:
        return
    if row.sessions > 0 and pause_ms > rules.session_gap_s * 1000:
        seen = int(row.sessions) - 1 if row.visit_gap[SPREAD] > 0 else 0
        row.visit_gap[LOCATION], row.visit_gap[SPREAD] = huber_update(
            row.visit_gap[LOCATION], row.visit_gap[SPREAD], log2(pause_ms / HOUR_MS), seen, LEAST_STEP
        )
    row.sessions += 1


@compiled
def update_orders(row: Row, event: Row) -> None:
    """Learn the gap between two orders, if this one is the newest; its order is already counted."""
    if event.action != PURCHASE or event.line != 0 or event.event_time_ms <= row.last_order_ms:
        return
    if row.last_order_ms > 0:
        gap_ms = max(event.event_time_ms - row.last_order_ms, MINUTE_MS)
        seen = int(row.orders) - 2 if row.order_gap[SPREAD] > 0 else 0
        row.order_gap[LOCATION], row.order_gap[SPREAD] = huber_update(
            row.order_gap[LOCATION], row.order_gap[SPREAD], log2(gap_ms / HOUR_MS), seen, LEAST_STEP
        )
    row.last_order_ms = event.event_time_ms


def usual_hours(gap: tuple[float, float]) -> float | None:
    """The usual gap in hours, from location and spread of its log2; None without a gap yet.

    >>> usual_hours((5.0, 0.5)), usual_hours((0.0, 0.0))
    (32.0, None)
    """
    return round(exp2(gap[LOCATION]), 2) if gap[SPREAD] > 0 else None


def expected_order_ms(last_order_ms: int, gap: tuple[float, float], orders: int) -> int | None:
    """Expected time of the next order, epoch milliseconds, to the minute; None before LEAST_GAPS gaps are known.

    >>> expected_order_ms(1_700_000_000_000, (5.0, 0.5), 3) - 1_700_000_000_000 == 32 * HOUR_MS
    True
    """
    if gap[SPREAD] <= 0 or orders <= LEAST_GAPS:
        return None
    return last_order_ms + round(exp2(min(gap[0], 20.0)) * 60) * MINUTE_MS


RHYTHM = Trait(
    name="rhythm",
    meaning="The usual gaps between orders and between sessions.",
    state=(
        Field("sessions", "<u4", "sessions so far"),
        Field("last_order_ms", "<i8", "when the newest order was placed; 0 for never"),
        Field("order_gap", "<f4", "location and spread of log2(hours between orders); spread 0 for none yet", (2,)),
        Field("visit_gap", "<f4", "the same of the pauses between sessions", (2,)),
    ),
    update=update_rhythm,
)
