"""Searches: a shopper entered a query."""

from typing import Annotated, Any

from msgspec import Meta

from liveprofile.streams.contract.inputs.common import Common, Text


class Search(Common, gc=False, kw_only=True):
    """A shopper entered a query."""

    query: Text | None = None
    results: Annotated[float, Meta(description="number of results")] | None = None
    filters: Any = None
