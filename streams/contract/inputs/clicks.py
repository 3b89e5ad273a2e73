"""Clicks: a shopper looked at something, or did something with it."""

from typing import Annotated

from msgspec import Meta

from liveprofile.streams.contract.inputs.common import Common, Currency, Id, ListPrice, Money, Path, Text


class Click(Common, gc=False, kw_only=True):
    """A shopper viewed a product, or acted on it."""

    action: Annotated[str, Meta(description="view, click, cart, uncart, favourite, share or dismiss")] | None = None
    item_id: Id | None = None
    title: Text | None = None
    category: Path | None = None
    brand: Text | None = None
    price: Money | None = None
    list_price: ListPrice | None = None
    currency: Currency | None = None
    dwell_ms: Annotated[float, Meta(description="time spent, in milliseconds; kept up to a day")] | None = None
