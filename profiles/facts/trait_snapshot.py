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
    """The usual gaps: approximate medians."""

    visit_hours: float | None = None
    order_hours: float | None = None
    next_order: str | None = None
    """Expected time of the next order; it may be in the past."""


class FirstTraits(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Traits inferred from a shopper's actions."""

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
    """Devices kept, at most 4; networks too."""
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
    """An attribute that the person stated."""

    name: str
    value: str
    since: str
    how: Literal["declared", "corrected"]
    """Declared on its own, or as a correction of an inferred value."""


class Quality(msgspec.Struct, frozen=True, gc=False):
    """The quality of a profile; see `output.quality`."""

    completeness: float
    freshness: float
    """At the newest event; it halves with every half-life of short-term interests from then on."""
    consistency: float | None
    confidence: float


class Expected(msgspec.Struct, frozen=True, gc=False):
    """A later topic of interest of shoppers who began alike."""

    topic: str
    share: float


class Prior(msgspec.Struct, frozen=True, gc=False):
    """The prior that fills up a new shopper's profile: none of it was observed on the shopper."""

    of: str = msgspec.field(name="from")
    """The group that it was computed from, such as cluster:7 or entry:home/kitchen."""
    confidence: float
    """n / (n + k) for a group of n shoppers; it falls with the shopper's own activities."""
    interests: list[Expected]
    buys: float
    """Share of the group who had ordered when their example was recorded."""
    order: float | None
    """Usual order total of the group, major units."""
    model: str
