"""Orders: one order counts once within its shopper, whatever event ids it comes with, and however often it is sent.

A record of an order with an id is one of these, decided at its first line:

    FIRST       the order is not in the ledger: it counts as an order
    EDIT        a later version, or the same again: what it says replaces what the order said before
    REPEAT      an older version, a retry, a refund of what is refunded already: it changes nothing
    PLAIN       an order or a refund without an id, a refund of an order that is not in the ledger

Of two versions the one with the later event time is in force; of the same event time, the one that arrived later. What
a version does not say (an amount) stays as it was. An order keeps its place in time: that of the version that came
first. The other lines of a record follow its first line, by the input record that they come from.
"""

import numpy as np

from liveprofile.profiles.fold.counts import is_recent
from liveprofile.profiles.fold.event_ids import is_known_id
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.state.ledger import ORDER_LINES, ORDERS
from liveprofile.profiles.state.row import Row

PLAIN, FIRST, EDIT, REPEAT = range(4)
"""What a record of an order is."""
PURCHASE, REFUND = int(Action.PURCHASE), int(Action.REFUND)
NOWHERE = -1
"""The place of an order that is not in the ledger."""


@compiled
def short_source(source: int) -> int:
    """32 bits of an input record's place; never 0."""
    return max(int((np.uint64(source) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)), 1)


@compiled
def find_order(ledger: Row, order: int) -> int:
    """The place of an order in the ledger; NOWHERE without an id, or if it is not in it."""
    if order == 0:
        return NOWHERE
    for place in range(min(int(ledger.orders_kept), ORDERS)):
        if ledger.order_digest[place] == order:
            return place
    return NOWHERE


@compiled
def what_it_is(row: Row, ledger: Row, event: Row) -> int:
    """PLAIN, FIRST, EDIT or REPEAT; for all other activities PLAIN, or REPEAT for a retry."""
    with_id = event.order != 0 and (event.action == PURCHASE or event.action == REFUND)
    if event.line == 0 and is_known_id(row, event):
        return REPEAT
    if not with_id:
        return REPEAT if event.line > 0 and event.event_digest != 0 and not is_recent(row, event.source) else PLAIN
    place = find_order(ledger, event.order)
    if event.action == REFUND:
        return _refund(row, ledger, event, place)
    if event.line == 0:
        if place == NOWHERE:
            return FIRST
        return EDIT if event.event_time_ms >= ledger.order_said_ms[place] else REPEAT
    source = short_source(event.source)
    if place == NOWHERE or ledger.order_source[place] != source:
        return REPEAT
    return FIRST if ledger.order_first[place] == source else EDIT


@compiled
def _refund(row: Row, ledger: Row, event: Row, place: int) -> int:
    """A refund counts up to the order's total; without a known total, or without an amount, it counts as it is."""
    if event.line > 0:
        if place == NOWHERE:
            return PLAIN if is_recent(row, event.source) else REPEAT
        return PLAIN if ledger.order_refund[place] == short_source(event.source) else REPEAT
    if place == NOWHERE or ledger.order_total[place] == 0:
        return PLAIN
    return PLAIN if ledger.order_refunded[place] < ledger.order_total[place] else REPEAT


@compiled
def open_order(ledger: Row, event: Row) -> int:
    """Put a new order into the ledger, in the place of the oldest one; returns its place."""
    place = int(ledger.orders_kept % ORDERS)
    ledger.orders_kept += 1
    ledger.order_digest[place] = event.order
    ledger.order_placed_ms[place] = ledger.order_said_ms[place] = event.event_time_ms
    ledger.order_total[place], ledger.order_refunded[place] = max(event.order_total, 0), 0
    source = short_source(event.source)
    ledger.order_first[place] = ledger.order_source[place] = source
    ledger.order_refund[place] = 0
    ledger.order_priced[place] = source if event.order_total > 0 else 0
    ledger.order_lines[place] = 0
    return place


@compiled
def refundable(ledger: Row, place: int, amount: int) -> int:
    """What of an amount may still be refunded of an order; all of it if the order, or its total, is not known."""
    if place == NOWHERE or ledger.order_total[place] == 0:
        return amount
    return min(amount, int(ledger.order_total[place] - ledger.order_refunded[place]))


@compiled
def counts_as_priced(ledger: Row, event: Row) -> bool:
    """Whether an activity that the profile has applied before is the one whose amount its order was counted with."""
    if event.order == 0 or event.action != PURCHASE or event.line > 0:
        return False
    place = find_order(ledger, event.order)
    return bool(place == NOWHERE or ledger.order_priced[place] == short_source(event.source))


@compiled
def clear_ledger(ledger: Row) -> None:
    """Forget all orders."""
    ledger.orders_kept, ledger.lines_kept = 0, 0
    for place in range(ORDERS):
        ledger.order_digest[place], ledger.order_placed_ms[place], ledger.order_said_ms[place] = 0, 0, 0
        ledger.order_total[place], ledger.order_refunded[place], ledger.order_lines[place] = 0, 0, 0
        ledger.order_first[place], ledger.order_source[place] = 0, 0
        ledger.order_refund[place], ledger.order_priced[place] = 0, 0
    for at in range(ORDER_LINES):
        ledger.line_order[at], ledger.line_item[at], ledger.line_category[at], ledger.line_brand[at] = 0, 0, 0, 0
        ledger.line_amount[at], ledger.line_saved[at], ledger.line_source[at] = 0, 0, 0
