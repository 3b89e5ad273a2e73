"""Declarations: what a shopper says of themself."""

from typing import Annotated

from msgspec import Meta

from liveprofile.streams.contract.inputs.common import Common
from liveprofile.streams.contract.inputs.feedback import AttributeValue

Attributes = Annotated[
    dict[str, AttributeValue | None],
    Meta(description="values by name, of the vocabulary traits/attributes.toml; null takes a declaration back"),
]


class Declaration(Common, gc=False, kw_only=True):
    """A shopper said something of themself."""

    attributes: Attributes | None = None
