"""Splits a purchase into lines, one activity each, and checks its amounts."""

from liveprofile.streams.contract.inputs import MAX_ITEMS, Item, Purchase
from liveprofile.streams.contract.refusals import Reason, RefusedError
from liveprofile.streams.stages.ingest.event import Line
from liveprofile.streams.stages.ingest.fields import NOBODY, product_line, saving
from liveprofile.streams.stages.ingest.money import HUNDREDTHS, MINOR_LIMIT, to_minor

MAX_LINES = 200
"""An order with more items keeps MAX_LINES - 1 of them; the rest becomes one last line without an item."""
MAX_QUANTITY = 1_000_000
NO_ORDER = NOBODY | {"0", "(not set)", "(none)"}
"""Values that programs write for an unknown order. As an id, they would make one order of all of a shopper's."""
LARGEST_STORED_QUANTITY = 65_535
"""The activity record has 16 bits for the quantity of a line; larger quantities are stored as this value."""


def order_of(purchase: Purchase) -> tuple[tuple[Line, ...], int]:
    """The lines of an order, and its total in minor units: as sent, else the sum of its lines."""
    lines = _lines(purchase)
    total = sum(line.amount for line in lines) if purchase.total is None else to_minor(purchase.total, "total")
    if total > MINOR_LIMIT:
        raise RefusedError(Reason.OUT_OF_RANGE, f"The order's items add up to more than {MINOR_LIMIT:,} minor units.")
    return lines, total


def order_id_of(purchase: Purchase) -> str:
    """The shop's id of the order; empty for none, and for a value that names none."""
    order_id = "" if purchase.order_id is None else str(purchase.order_id).strip()
    return "" if order_id.lower() in NO_ORDER else order_id


def failed_payment(total: int) -> Line:
    """The single line of a failed payment: its amount. Items are omitted: they were seen as cart events."""
    return Line(amount=total)


def _lines(purchase: Purchase) -> tuple[Line, ...]:
    items = purchase.items or []
    if len(items) > MAX_ITEMS:
        raise RefusedError(Reason.TOO_MANY_ITEMS, f"The order has {len(items):,} items; the limit is {MAX_ITEMS:,}.")
    if items:
        return _merged([_item_line(item) for item in items])
    if purchase.total is None:
        raise RefusedError(Reason.NO_ITEMS)
    return (Line(amount=to_minor(purchase.total, "total")),)


def _item_line(item: Item) -> Line:
    quantity = 1.0 if item.quantity is None else item.quantity
    if not 0 < quantity <= MAX_QUANTITY:
        raise RefusedError(
            Reason.OUT_OF_RANGE,
            f"quantity is {quantity:.6g}; it must lie above 0 and up to {MAX_QUANTITY:,}. Send goods back as a refund.",
        )
    price = to_minor(item.price, "price")
    amount = round((item.price or 0.0) * quantity * HUNDREDTHS)
    if amount > MINOR_LIMIT:
        raise RefusedError(Reason.OUT_OF_RANGE, f"A price times its quantity is more than {MINOR_LIMIT:,} minor units.")
    saved = saving(item.list_price, item.price, quantity)
    pieces = min(max(1, round(quantity)), LARGEST_STORED_QUANTITY)
    return product_line(item, amount, pieces, saved=saved, price=price)


def _merged(lines: list[Line]) -> tuple[Line, ...]:
    """The lines; a very long order gets one last line for the rest, with its amount and quantity but without items."""
    if len(lines) <= MAX_LINES:
        return tuple(lines)
    rest = lines[MAX_LINES - 1 :]
    pieces = min(LARGEST_STORED_QUANTITY, sum(line.quantity for line in rest))
    amount, saved = sum(line.amount for line in rest), sum(line.saved for line in rest)
    return (*lines[: MAX_LINES - 1], Line(amount=amount, quantity=pieces, saved=saved))
