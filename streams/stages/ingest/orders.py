"""Splits a purchase into lines, one activity each, and checks its amounts."""

from liveprofile.streams.contract.inputs import MAX_ITEMS, Item, Purchase
from liveprofile.streams.contract.refusals import Reason, RefusedError, fault_of
from liveprofile.streams.stages.ingest.event import Line
from liveprofile.streams.stages.ingest.fields import product_line, saving
from liveprofile.streams.stages.ingest.money import HUNDREDTHS, MINOR_LIMIT, to_minor

MAX_LINES = 200
"""An order with more items keeps MAX_LINES - 1 of them; the rest becomes one last line without an item."""
MAX_QUANTITY = 1_000_000
_TELLING = ("item_id", "title", "price", "list_price", "category", "brand")
"""A line without any of them says nothing, and is dropped."""
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
    """The shop's id of the order; empty for none. Placeholders are gone by now: they would make one order of all."""
    return "" if purchase.order_id is None else str(purchase.order_id).strip()


def failed_payment(total: int) -> Line:
    """The single line of a failed payment: its amount. Items are omitted: they were seen as cart events."""
    return Line(amount=total)


def _lines(purchase: Purchase) -> tuple[Line, ...]:
    if purchase.items:
        return _merged([_item_line(item) for item in purchase.items])
    if purchase.total is None:
        raise RefusedError(Reason.NO_ITEMS)
    return (Line(amount=to_minor(purchase.total, "total")),)


def _says_something(item: Item) -> bool:
    """Whether a line counts: it has a product or a price, and not the quantity 0 of goods that were removed."""
    return item.quantity != 0 and any(getattr(item, name) is not None for name in _TELLING)


def shorten(purchase: Purchase) -> None:
    """Drop items that say nothing, and all but the amounts of those that are merged into one line.

    So no text of them is looked at: an order of thousands of lines costs little more than one of MAX_LINES.
    """
    items = purchase.items or []
    if len(items) > MAX_ITEMS:
        raise RefusedError(Reason.TOO_MANY_ITEMS, f"The order has {len(items):,} items; the limit is {MAX_ITEMS:,}.")
    telling = [item for item in items if _says_something(item)]
    purchase.items = _first_whole(telling)


def _first_whole(items: list[Item]) -> list[Item]:
    if len(items) <= MAX_LINES:
        return items
    rest = items[MAX_LINES - 1 :]
    amounts = [Item(price=item.price, list_price=item.list_price, quantity=item.quantity) for item in rest]
    return items[: MAX_LINES - 1] + amounts


def _item_line(item: Item) -> Line:
    quantity = 1.0 if item.quantity is None else item.quantity
    if not 0 < quantity <= MAX_QUANTITY:
        raise RefusedError(
            Reason.OUT_OF_RANGE,
            f"quantity {fault_of(quantity, above_zero=True)}; it must lie above 0 and up to {MAX_QUANTITY:,}. "
            "Send goods back as a refund.",
        )
    price = to_minor(item.price, "price")
    amount = round((item.price or 0.0) * quantity * HUNDREDTHS)
    if amount > MINOR_LIMIT:
        raise RefusedError(Reason.OUT_OF_RANGE, f"A price times its quantity is more than {MINOR_LIMIT:,} minor units.")
    saved = saving(item.list_price, item.price, quantity)
    pieces = min(max(1, round(quantity)), LARGEST_STORED_QUANTITY)
    if item.title is None and item.item_id is None and item.category is None and item.brand is None:
        return Line(amount=amount, quantity=pieces, saved=saved, price=price)
    return product_line(item, amount, pieces, saved=saved, price=price)


def _merged(lines: list[Line]) -> tuple[Line, ...]:
    """The lines; a very long order gets one last line for the rest, with its amount and quantity but without items."""
    if len(lines) <= MAX_LINES:
        return tuple(lines)
    rest = lines[MAX_LINES - 1 :]
    pieces = min(LARGEST_STORED_QUANTITY, sum(line.quantity for line in rest))
    amount, saved = sum(line.amount for line in rest), sum(line.saved for line in rest)
    return (*lines[: MAX_LINES - 1], Line(amount=amount, quantity=pieces, saved=saved))
