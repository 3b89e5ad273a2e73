"""The result of validation: one accepted event with its lines; each line becomes an activity."""

import msgspec

from liveprofile.profiles.records.activity import Action


class Line(msgspec.Struct, gc=False, frozen=True):
    """One action, or one line of an order or a declaration. Texts are clean, amounts are in minor units."""

    text: str = ""
    """The text to embed, and its cache key: title, query or review in lower case, else category and brand."""
    title: str = ""
    category: str | None = None
    brand: str = ""
    brand_key: str = ""
    item_id: str | None = None
    amount: int = 0
    quantity: int = 1
    dwell_ms: int = 0
    saved: int = 0
    """Minor units below the list price."""
    price: int = 0
    """The item's own price, of a piece or a kilo, in minor units; 0 if unknown."""
    stars: int = 0
    """Stars of a review, times 10."""
    query_specificity: int = 0
    """The specificity of a query, 1 to 255; 0 for other events."""
    review_tone: int = 0
    """The lexicon score of a review, 1 most negative to 255 most positive; 0 for other events."""
    subject: str = ""
    """The tag, offer or attribute that feedback or a declaration is about; the input of its digest."""
    value: str = ""
    """The attribute's value, in the vocabulary's spelling."""


class ValidatedEvent(msgspec.Struct, gc=False, frozen=True):
    """An accepted record. `time_ms` is None if the client sent no time."""

    shopper: str
    """The shopper's name in its namespace, see `pseudonym`; only the pseudonym made of it leaves ingest."""
    event_id: str | None
    """As sent, like all ids; `private_ids` makes of them what is written down."""
    session_id: str | None
    time_ms: int | None
    action: Action
    lines: tuple[Line, ...]
    order_total: int = 0
    currency: str = ""
    """Currency of the amounts; empty means the shop's own."""
    device: str = ""
    """Identifies the device; only a keyed digest leaves ingest, also of the network."""
    network: str = ""
    country: int = 0
    """A `country_code`."""
    order_id: str = ""
    """The shop's id of an order, or of the order that a refund is of; empty without one."""
