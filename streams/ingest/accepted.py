"""What comes out of validation: one accepted event, and its lines, each of which becomes an activity."""

import msgspec

from profiles.activity import Action


class Line(msgspec.Struct, gc=False, frozen=True):
    """A click, a search, or one line of an order. Texts are clean, amounts are in minor units."""

    text: str = ""
    """What is embedded, and its cache key: title or query in lower case, else the words of category and brand."""
    title: str = ""
    category: str | None = None
    brand: str = ""
    brand_key: str = ""
    item_id: str | None = None
    amount: int = 0
    quantity: int = 1
    dwell_ms: int = 0


class Valid(msgspec.Struct, gc=False, frozen=True):
    """A record that was accepted. `time_ms` is None where the client sent none."""

    shopper: str
    """Names the shopper in their namespace, see `pseudonym`; it goes no further than the pseudonym made of it."""
    event_id: str | None
    session_id: str | None
    time_ms: int | None
    action: Action
    lines: tuple[Line, ...]
    order_total: int = 0
    currency: str = ""
    """Of the amounts; empty stands for the shop's own."""
