"""Purchases: orders, refunds and failed payments."""

from typing import Annotated

from msgspec import Meta, Struct

from liveprofile.streams.contract.inputs.common import MAX_ID_CHARS, Common, Currency, Id, ListPrice, Money, Text

OrderId = Annotated[
    str | int,
    Meta(
        description=f"an identifier of at most {MAX_ID_CHARS} characters. An order counts once for its shopper, "
        "whatever event ids it comes with: a record with a later ts replaces what the order said before, and a refund "
        "with it is of that order, up to its total. Known are the last 64 orders of a shopper, however old"
    ),
]


class Item(Struct, gc=False, kw_only=True):
    """One line of an order."""

    item_id: Id | None = None
    title: Text | None = None
    category: str | None = None
    brand: Text | None = None
    price: Money | None = None
    list_price: ListPrice | None = None
    quantity: (
        Annotated[float, Meta(description="pieces, up to 1,000,000; 1 if not given; a line of 0 is dropped")] | None
    ) = None


class Purchase(Common, gc=False, kw_only=True):
    """A shopper bought or returned something, or a payment failed."""

    order_id: OrderId | None = None
    kind: Annotated[str, Meta(description="purchase (the default), refund, or failed (a failed payment)")] | None = None
    items: list[Item] | None = None
    currency: Currency | None = None
    total: Money | None = None
