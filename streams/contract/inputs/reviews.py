"""Reviews: a shopper reviewed a product, with stars, a text, or both."""

from typing import Annotated

from msgspec import Meta

from liveprofile.streams.contract.inputs.common import Common, Currency, Id, Money, Path, Text


class Review(Common, gc=False, kw_only=True):
    """A shopper reviewed a product."""

    item_id: Id | None = None
    title: Annotated[Text, Meta(description="the product's title")] | None = None
    category: Path | None = None
    brand: Text | None = None
    price: Money | None = None
    currency: Currency | None = None
    stars: Annotated[float, Meta(description="1 to 5; halves and tenths are kept; 0 is none")] | None = None
    text: Annotated[Text, Meta(description="text of the review; it is embedded and not stored")] | None = None
