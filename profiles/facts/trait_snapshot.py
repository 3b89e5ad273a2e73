"""The traits' part of the snapshot record, field by field; a field without evidence is left out."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from liveprofile.profiles.traits.active_days import ActiveDays
from liveprofile.profiles.traits.discounts import Discounts
from liveprofile.profiles.traits.offers import Offers
from liveprofile.profiles.traits.price_band import Price
from liveprofile.profiles.traits.registry import TRAITS
from liveprofile.profiles.traits.rfm import Rfm
from liveprofile.profiles.traits.sentiment import Sentiment
from liveprofile.profiles.traits.trait import Part


class Rhythm(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The usual gaps: medians, nearly."""

    visit_hours: float | None = None
    order_hours: float | None = None
    next_order: str | None = None
    """When the next order is to be expected; it may lie in the past."""


class FirstTraits(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
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


def _with_parts(parts: Sequence[Part]) -> type[FirstTraits]:
    """The struct with a member for each part, left out while it is None."""
    struct: type[Any] = msgspec.defstruct(
        "Traits",
        [(part.name, part.type | None, None) for part in parts],
        bases=(FirstTraits,),
        namespace={"__doc__": FirstTraits.__doc__},
        module=__name__,
        frozen=True,
        omit_defaults=True,
        gc=False,
    )
    return struct


if TYPE_CHECKING:
    Traits = FirstTraits
else:
    Traits = _with_parts(
        [one.part for one in TRAITS if one.part and one.part.name not in FirstTraits.__struct_fields__]
    )
    """With a member for each trait that came after the first ones."""


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
