"""Purchases: orders, refunds and failed payments."""

from typing import Annotated

from msgspec import Meta, Struct

from liveprofile.streams.contract.inputs.common import Common, Currency, Id, ListPrice, Money, Text


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

    order_id: Id | None = None
    kind: Annotated[str, Meta(description="purchase (the default), refund, or failed (a failed payment)")] | None = None
    items: list[Item] | None = None
    currency: Currency | None = None
    total: Money | None = None
