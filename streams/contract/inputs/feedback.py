"""Feedback: a shopper accepted, refused or corrected a tag, an offer or an inferred attribute."""

from typing import Annotated

from msgspec import Meta

from liveprofile.streams.contract.inputs.common import Common, Id, Path, Text

AttributeValue = Annotated[
    str | int | float | bool, Meta(description="a value of the vocabulary traits/attributes.toml")
]


class Feedback(Common, gc=False, kw_only=True):
    """A shopper accepted, refused or corrected something."""

    about: Annotated[str, Meta(description="tag, offer, attribute; or anomaly, of the query service")] | None = None
    name: Annotated[str, Meta(description="name of the tag, the offer or the attribute")] | None = None
    verdict: Annotated[str, Meta(description="accepted, refused, or corrected (an attribute)")] | None = None
    value: Annotated[AttributeValue, Meta(description="the corrected value of an attribute")] | None = None
    item_id: Annotated[Id, Meta(description="the offered product, as are title and category")] | None = None
    title: Text | None = None
    category: Path | None = None
