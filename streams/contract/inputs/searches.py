"""Searches: a shopper looked for something in words."""

from typing import Annotated, Any

from msgspec import Meta

from liveprofile.streams.contract.inputs.common import Common, Text


class Search(Common, gc=False, kw_only=True):
    """A shopper looked for something."""

    query: Text | None = None
    results: Annotated[float, Meta(description="how many results were found")] | None = None
    filters: Any = None
