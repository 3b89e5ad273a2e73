"""The traits' part of the snapshot's record, field by field; a field that says nothing yet is left out."""

from typing import Literal

import msgspec

from liveprofile.profiles.numeric.bands import Days, DiscountBand, PriceBand, SentimentBand


class Rfm(msgspec.Struct, frozen=True, gc=False):
    """Recency, frequency and monetary value, each with its score from 1 to 5; see `rfm`."""

    recency_days: float
    """Since the last order."""
    orders: float
    """Decayed with the long half-life."""
    spend: float
    """Decayed with the long half-life, major units."""
    recency_score: int
    frequency_score: int
    monetary_score: int


class Price(msgspec.Struct, frozen=True, gc=False):
    """Prices of what is looked at and bought, against their categories' levels."""

    z: float
    """Mean distance from the level, in spreads of the category: below 0 is cheaper."""
    confidence: float
    """0 to 1, by the evidence."""
    band: PriceBand | None
    """As last said."""


class Discounts(msgspec.Struct, frozen=True, gc=False):
    """What is saved of the list prices."""

    share: float
    band: DiscountBand | None
    """As last said."""


class ActiveDays(msgspec.Struct, frozen=True, gc=False):
    """On which days the shopper is active, UTC."""

    histogram: list[float]
    """Shares of the days of the week, Monday first."""
    mostly: Days | None
    """As last said."""


class Rhythm(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The usual gaps: medians, nearly."""

    visit_hours: float | None = None
    order_hours: float | None = None
    next_order: str | None = None
    """When the next order is to be expected; it may lie in the past."""


class Sentiment(msgspec.Struct, frozen=True, gc=False):
    """The tone of the shopper's reviews."""

    mean: float
    """-1 to 1."""
    reviews: int
    band: SentimentBand | None
    """As last said."""


class Offers(msgspec.Struct, frozen=True, gc=False):
    """Offers and tags answered, decayed with the long half-life."""

    accepted: float
    refused: float


class Traits(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """How somebody shops, inferred from what they did."""

    tenure_days: float
    """From the first to the newest event."""
    sessions: int
    average_order: float | None = None
    """Major units."""
    rfm: Rfm | None = None
    price: Price | None = None
    discounts: Discounts | None = None
    days: ActiveDays | None = None
    rhythm: Rhythm | None = None
    specificity: float | None = None
    """Of searches: 0 is one common word, 1 one exact product."""
    sentiment: Sentiment | None = None
    offers: Offers | None = None
    entry: str | None = None
    """Topic of the first activity that had one."""
    devices: int = 0
    """Remembered, at most 4; networks too."""
    networks: int = 0
    countries: list[str] = []
    failed_payments: float | None = None
    """Decayed with the half-life of a session."""


class Declared(msgspec.Struct, frozen=True, gc=False):
    """Something that the person says of themself."""

    name: str
    value: str
    since: str
    how: Literal["declared", "corrected"]
    """Of itself, or against what was inferred."""


class Quality(msgspec.Struct, frozen=True, gc=False):
    """How much a profile can be relied on; see `quality`."""

    completeness: float
    freshness: float
    """At the newest event; it halves with every half-life of short-term interests from then on."""
    consistency: float | None
    confidence: float


class Expected(msgspec.Struct, frozen=True, gc=False):
    """A topic that shoppers who began alike came to like."""

    topic: str
    share: float


class Prior(msgspec.Struct, frozen=True, gc=False):
    """What a newcomer's profile was filled up with: nothing of it was seen of the shopper themself."""

    of: str = msgspec.field(name="from")
    """Whom it was taken from, such as cluster:7 or entry:home/kitchen."""
    confidence: float
    """n / (n + k) by how many they were, less the more the shopper has done themself."""
    interests: list[Expected]
    buys: float
    """Share of them who had ordered by the time that they were known."""
    order: float | None
    """What they usually spent on an order, major units."""
    model: str
