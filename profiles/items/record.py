"""The records of an item on the compacted topics `items` and `item-neighbours`."""

import msgspec


class ItemSnapshot(msgspec.Struct, frozen=True):
    """The attributes of an item when it was last viewed. The key is the digest of its id, 16 hex digits."""

    item: str
    item_id: str | None
    title: str | None
    category: str | None
    """Its own, or the nearest named topic."""
    brand: str | None
    price: float | None
    """Price of one piece, in major units of the shop's currency."""
    seen_ms: int
    """Event time, epoch milliseconds."""
    vector: str
    """Unit embedding of its text: base64 of little-endian float16; zeros where it has no text."""


class ItemNeighbours(msgspec.Struct, frozen=True):
    """Items viewed before and after an item. The three lists are parallel; their order has no meaning."""

    item: str
    time_s: int
    """All weights are decayed to this time, epoch seconds."""
    popularity: float
    """Decayed weight of the actions on it."""
    neighbours: list[str]
    """Digests of other items, keys of both topics."""
    after: list[float]
    """Decayed weight of each being met after the item."""
    before: list[float]
    applied: int
    """Place of the last item event counted: the stage continues from here after a crash."""
