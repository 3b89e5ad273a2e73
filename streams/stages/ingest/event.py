"""What comes out of validation: one accepted event, and its lines, each of which becomes an activity."""

import msgspec

from liveprofile.profiles.records.activity import Action


class Line(msgspec.Struct, gc=False, frozen=True):
    """One act, or one line of an order or a declaration. Texts are clean, amounts are in minor units."""

    text: str = ""
    """What is embedded, and its cache key: title, query or review in lower case, else category and brand."""
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
    stars: int = 0
    """Of a review, times 10."""
    query_specificity: int = 0
    """How exact a query is, 1 to 255; 0 for everything else."""
    review_tone: int = 0
    """How much a review praises, 1 all blame to 255 all praise; 0 for everything else."""
    subject: str = ""
    """The tag, offer or attribute that feedback or a declaration is about, as its digest is made from it."""
    value: str = ""
    """The attribute's value, in the vocabulary's spelling."""


class ValidatedEvent(msgspec.Struct, gc=False, frozen=True):
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
    device: str = ""
    """Tells devices apart; only a keyed digest goes further, as of the network."""
    network: str = ""
    country: int = 0
    """A `country_code`."""
