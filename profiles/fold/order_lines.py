"""Order lines: an edited order is compared line by line with what it said before.

A line that the order had counts no further; its amount is corrected by the difference. A line that is new to the order
counts as bought when the order was placed. A line that is gone is taken back. All lines of an order have to be among
the last ORDER_LINES of the shopper; of an older or longer order only the totals are corrected.
"""

import numpy as np

from liveprofile.profiles.fold.orders import short_source
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.exact import remaining
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.ledger import ORDER_LINES
from liveprofile.profiles.state.row import BRANDS, LONG, SCALE_COUNT, TOPICS, Row
from liveprofile.profiles.traits.price_levels import is_priced


@compiled
def item_of(event: Row) -> np.uint64:
    """What tells a line from the others of its order: its item, else its category and brand, else its number."""
    if event.item != 0:
        return np.uint64(event.item)
    named = np.uint64(event.category) << np.uint64(32) | np.uint64(event.brand)
    return named if named != 0 else np.uint64(event.line + 1)


@compiled
def keep_line(ledger: Row, place: int, event: Row) -> None:
    """Put a line of the order at `place` into the ledger, in the place of the oldest line."""
    at = int(ledger.lines_kept % ORDER_LINES)
    ledger.lines_kept += 1
    ledger.line_order[at], ledger.line_item[at] = event.order, item_of(event)
    ledger.line_category[at], ledger.line_brand[at] = event.category, event.brand
    ledger.line_amount[at] = event.amount if is_priced(event) else 0
    ledger.line_saved[at] = max(event.saved, 0) if is_priced(event) else 0
    ledger.line_source[at] = short_source(event.source)
    ledger.order_lines[place] += 1


@compiled
def are_lines_known(ledger: Row, place: int) -> bool:
    """Whether all lines of an order are still in the ledger."""
    order, count = ledger.order_digest[place], 0
    for at in range(ORDER_LINES):
        count += ledger.line_order[at] == order
    return bool(count == ledger.order_lines[place])


@compiled
def find_line(ledger: Row, event: Row) -> int:
    """The place of this line in an earlier version of its order; -1 if it is new to it."""
    item, source = item_of(event), short_source(event.source)
    for at in range(ORDER_LINES):
        same = ledger.line_order[at] == event.order and ledger.line_item[at] == item
        if same and ledger.line_source[at] != source:
            return at
    return -1


@compiled
def correct_line(row: Row, ledger: Row, place: int, at: int, event: Row, rules: Rules) -> bool:
    """Correct what a line paid and saved by the difference; returns whether there is one."""
    amount = event.amount if is_priced(event) else ledger.line_amount[at]
    saved = max(event.saved, 0) if is_priced(event) else ledger.line_saved[at]
    changed = amount != ledger.line_amount[at] or saved != ledger.line_saved[at]
    _add_paid(row, ledger, place, float(amount - ledger.line_amount[at]), float(saved - ledger.line_saved[at]), rules)
    ledger.line_amount[at], ledger.line_saved[at] = amount, saved
    ledger.line_source[at] = short_source(event.source)
    return bool(changed)


@compiled
def take_lines_back(row: Row, ledger: Row, place: int, event: Row, weight: float, rules: Rules) -> bool:
    """At the last line of a version: take back the order's lines that it does not have; returns whether any is gone."""
    order, source, gone = ledger.order_digest[place], short_source(event.source), False
    for at in range(ORDER_LINES):
        if ledger.line_order[at] == order and ledger.line_source[at] != source:
            _forget_interest(row, ledger, place, at, weight, rules)
            _add_paid(row, ledger, place, -float(ledger.line_amount[at]), -float(ledger.line_saved[at]), rules)
            ledger.line_order[at], ledger.line_item[at] = 0, 0
            ledger.line_category[at], ledger.line_brand[at] = 0, 0
            ledger.line_amount[at], ledger.line_saved[at], ledger.line_source[at] = 0, 0, 0
            ledger.order_lines[place] -= 1
            gone = True
    return gone


@compiled
def _add_paid(row: Row, ledger: Row, place: int, paid: float, saved: float, rules: Rules) -> None:
    """Add to the amounts paid and saved, as of the moment when the order was placed."""
    left = remaining(row.seen_ms - ledger.order_placed_ms[place], rules.decay_half_life_s[LONG])
    row.paid = max(row.paid + paid * left, 0.0)
    row.saved = max(row.saved + saved * left, 0.0)


@compiled
def _forget_interest(row: Row, ledger: Row, place: int, at: int, weight: float, rules: Rules) -> None:
    """Take the weight of a line from its topic and its brand; the mean vector keeps it, as it has no parts."""
    elapsed_ms = row.seen_ms - ledger.order_placed_ms[place]
    for topic in range(TOPICS):
        if row.topic[topic] != 0 and row.topic[topic] == ledger.line_category[at]:
            for scale in range(SCALE_COUNT):
                taken = weight * remaining(elapsed_ms, rules.decay_half_life_s[scale])
                row.topic_mass[scale][topic] = max(row.topic_mass[scale][topic] - taken, 0.0)
    for brand in range(BRANDS):
        if row.brand[brand] != 0 and row.brand[brand] == ledger.line_brand[at]:
            taken = weight * remaining(elapsed_ms, rules.decay_half_life_s[LONG])
            row.brand_mass[brand] = max(row.brand_mass[brand] - taken, 0.0)
