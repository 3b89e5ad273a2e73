"""The inputs as the contract has them: what a click, a search and a purchase may hold. Unknown fields are dropped."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

MAX_RECORD_BYTES = 1 << 20
"""A larger record is refused unread; it is also the broker's own default limit."""
MAX_ID_CHARS = 256
MAX_TEXT_CHARS = 65_536
"""A longer text is refused; one above `text.KEPT_CHARS` is cut."""
MAX_ITEMS = 5_000

Id = Annotated[str | int, Meta(description=f"an identifier of at most {MAX_ID_CHARS} characters")]
Time = Annotated[
    str | int | float, Meta(description="RFC 3339, or epoch seconds or milliseconds; a future time is clamped")
]
Text = Annotated[str, Meta(description="free text; normalised, scrubbed of personal data, and cut at 4,096 characters")]
Money = Annotated[float, Meta(description="in the currency's main unit, from 0 to 1,000,000,000")]


class Common(Struct, gc=False, kw_only=True):
    """What every input has."""

    event_id: Id | None = None
    user_id: Id | None = None
    anonymous_id: Id | None = None
    ts: Time | None = None
    session_id: Id | None = None
    device: str | None = None
    ip: str | None = None
    locale: str | None = None


class Click(Common, gc=False, kw_only=True):
    """A shopper looked at something, or did something with it."""

    action: Annotated[str, Meta(description="view, click, cart, uncart, favourite, share or dismiss")] | None = None
    item_id: Id | None = None
    title: Text | None = None
    category: Annotated[str, Meta(description="a path, such as home/kitchen or Home > Kitchen")] | None = None
    brand: Text | None = None
    price: Money | None = None
    currency: Annotated[str, Meta(description="ISO 4217")] | None = None
    dwell_ms: Annotated[float, Meta(description="time spent, in milliseconds; kept up to a day")] | None = None


class Search(Common, gc=False, kw_only=True):
    """A shopper looked for something."""

    query: Text | None = None
    results: Annotated[float, Meta(description="how many results were found")] | None = None
    filters: Any = None


class Item(Struct, gc=False, kw_only=True):
    """One line of an order."""

    item_id: Id | None = None
    title: Text | None = None
    category: str | None = None
    brand: Text | None = None
    price: Money | None = None
    quantity: Annotated[float, Meta(description="pieces, above 0 and up to 1,000,000; 1 if not given")] | None = None


class Purchase(Common, gc=False, kw_only=True):
    """A shopper bought something, or gave it back."""

    order_id: Id | None = None
    kind: Annotated[str, Meta(description="purchase (the default) or refund")] | None = None
    items: list[Item] | None = None
    currency: Annotated[str, Meta(description="ISO 4217")] | None = None
    total: Money | None = None


class UbiObject(Struct, gc=False):
    """The object of an OpenSearch User Behavior Insights event."""

    object_id: Id | None = None
    description: str | None = None


class UbiAttributes(Struct, gc=False):
    """The attributes of a User Behavior Insights event."""

    object: UbiObject | None = None
    session_id: Id | None = None


class Ubi(Struct, gc=False):
    """A query or an event as OpenSearch User Behavior Insights writes it."""

    client_id: Id | None = None
    user_id: Id | None = None
    session_id: Id | None = None
    timestamp: Time | None = None
    query_id: Id | None = None
    action_name: str | None = None
    user_query: str | None = None
    message: str | None = None
    event_attributes: UbiAttributes | None = None


INPUTS: dict[str, type[Click] | type[Search] | type[Purchase]] = {
    "clicks": Click,
    "searches": Search,
    "purchases": Purchase,
}
"""The structs by input topic."""

DECODERS = {topic: msgspec.json.Decoder(struct, strict=False) for topic, struct in INPUTS.items()}
"""Lax decoders: a number may also come as a text, as CSV exports write it."""
UBI_DECODER = msgspec.json.Decoder(Ubi, strict=False)
