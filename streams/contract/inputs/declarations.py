"""Declarations: attributes that a shopper declares about themself."""

from typing import Annotated

from msgspec import Meta

from liveprofile.streams.contract.inputs.common import Common
from liveprofile.streams.contract.inputs.feedback import AttributeValue

Attributes = Annotated[
    dict[str, AttributeValue | None],
    Meta(description="values by name, of the vocabulary traits/attributes.toml; null withdraws a declaration"),
]


class Declaration(Common, gc=False, kw_only=True):
    """A shopper declared attributes of themself."""

    attributes: Attributes | None = None
