"""Feedback: a shopper accepted, refused or corrected what the shop thought of them or offered."""

from typing import Annotated

from msgspec import Meta

from liveprofile.streams.contract.inputs.common import Common, Id, Path, Text

AttributeValue = Annotated[
    str | int | float | bool, Meta(description="a value of the vocabulary traits/attributes.toml")
]


class Feedback(Common, gc=False, kw_only=True):
    """A shopper answered."""

    about: Annotated[str, Meta(description="tag, offer or attribute")] | None = None
    name: Annotated[str, Meta(description="of the tag, the offer or the attribute")] | None = None
    verdict: Annotated[str, Meta(description="accepted, refused, or corrected (an attribute)")] | None = None
    value: Annotated[AttributeValue, Meta(description="what an attribute is corrected to")] | None = None
    item_id: Annotated[Id, Meta(description="what an offer was about, as its title and category")] | None = None
    title: Text | None = None
    category: Path | None = None
