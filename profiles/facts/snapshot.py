"""The snapshot record: the fields of a value on the compacted `profiles` topic."""

from typing import Literal, Self

import msgspec

from liveprofile.profiles.facts.trait_snapshot import Declared, Prior, Quality, Traits
from liveprofile.profiles.records.decode import decode_record
from liveprofile.profiles.records.vocabulary import PartOfDay, SpendBand


class TopicShare(msgspec.Struct, frozen=True, gc=False):
    """A topic of interest."""

    topic: str
    share: float
    """Share of all interest at its scale, 0 to 1."""
    mass: float
    """Decayed weight of the actions behind it."""


class BrandShare(msgspec.Struct, frozen=True, gc=False):
    """A brand, by its share of branded interest."""

    brand: str
    share: float


class Interests(msgspec.Struct, frozen=True, gc=False):
    """Topics at three time scales, the largest share first."""

    session: list[TopicShare]
    short: list[TopicShare]
    long: list[TopicShare]


class Slot(msgspec.Struct, frozen=True, gc=False):
    """One interest slot."""

    slot: int
    """Its number, as in change records; it is reused only after 255 others."""
    topic: str | None
    """Topic of the representative item."""
    share: float
    """Share of the weight of all slots, 0 to 1."""
    item: str | None
    """Digest of the representative item: its key on the `items` topic."""
    last_seen: str
    centre: str
    """Its centre: base64 of int8, 127 is 1.0, the first dimensions of the embedding."""


class Intent(msgspec.Struct, frozen=True, gc=False):
    """The topic of the session, as last published, and the present confidence in it."""

    topic: str
    confidence: float


class Events(msgspec.Struct, frozen=True, gc=False):
    """Counts of activities."""

    total: int
    by_action: dict[str, float]
    """Decayed counts with the long half-life."""


class Spend(msgspec.Struct, frozen=True, gc=False):
    """Money, in major units."""

    band: SpendBand
    total: float
    refunded: float
    orders: int
    refunds: int
    recent: float
    """Decayed with the long half-life."""
    currency: str
    orders_priced: int = 0
    """Orders with a known amount: all sums and averages are of these."""


class Hours(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """When the shopper is active, in the shop's time zone."""

    histogram: list[float]
    """Shares of the 24 hours."""
    daypart: PartOfDay | None
    timezone: str = "UTC"
    """Of these hours, and of the days of the week; left out where it is UTC."""


class Session(msgspec.Struct, frozen=True, gc=False):
    """The current session, or the last one."""

    started: str
    events: int
    actions: dict[str, int]


class Recent(msgspec.Struct, frozen=True, gc=False):
    """One of the last actions, newest first."""

    ts: str
    action: str
    topic: str | None
    source: str
    item: str | None
    """Digest of the item: its key on the `items` topic."""


class Cluster(msgspec.Struct, frozen=True, gc=False):
    """The cluster of long-term interests, and the model that assigned it."""

    id: int
    model: str
    name: str | None
    """The main interest of its members."""


class Contribution(msgspec.Struct, frozen=True, gc=False):
    """One of the inputs with the largest effects on a probability."""

    input: str
    """Its name, see `profiles.predictions.inputs`."""
    words: str
    effect: float
    """What it adds to the logarithm of the odds, relative to its average effect."""


class Chance(msgspec.Struct, frozen=True, gc=False):
    """A predicted probability, as of the newest event."""

    band: Literal["low", "middle", "high"]
    """As last published."""
    chance: float
    confidence: float
    """0 to 1: by the number of similar examples, and by the number of the shopper's activities."""
    because: list[Contribution]
    model: str


class Lifecycle(msgspec.Struct, frozen=True, gc=False):
    """The lifecycle state of the shopper."""

    state: str
    since: str


class Membership(msgspec.Struct, frozen=True, gc=False):
    """A segment that the shopper is in."""

    name: str
    since: str


class OpenAnomaly(msgspec.Struct, frozen=True, gc=False):
    """An anomaly that is open."""

    kind: str
    score: float
    """The maximum since it was raised."""
    severity: int
    """As last published, 0 to 100."""
    since: str


class Said(msgspec.Struct, frozen=True, gc=False):
    """The interests as last published: the state from which a consumer that missed changes can continue."""

    session: list[str]
    short: list[str]
    long: list[str]


class Vectors(msgspec.Struct, frozen=True, gc=False):
    """Unit vectors of the interests, base64 of little-endian float16."""

    dim: int
    """Dimensions of session and long; the week's has the first 64 of them."""
    model: str | None
    session: str
    short: str
    long: str


class ProfileSnapshot(msgspec.Struct, frozen=True, gc=False):
    """A profile as consumers see it, decayed to its newest event.

    A record of the compacted topic `profiles`; its key is the profile id, and a record without a value removes the
    profile. Shares are 0 to 1, money is in major units of the shop's currency, times are RFC 3339 in UTC.

    >>> ProfileSnapshot.decode(b'{"profile_id": "a57ad515edc580a1", "version": "two"}')
    Traceback (most recent call last):
    liveprofile.profiles.records.decode.DecodeError: ProfileSnapshot: Expected `int`, got `str` - at `$.version`
    """

    profile_id: str
    version: int
    first_seen: str
    last_seen: str
    events: Events
    interests: Interests
    slots: list[Slot]
    """Interest slots, the heaviest first. Approximate: they depend on the order of late events."""
    intent: Intent | None
    brands: list[BrandShare]
    spend: Spend
    hours: Hours
    session: Session
    recent: list[Recent]
    traits: Traits
    declared: list[Declared]
    """Attributes that the person stated; they are shown beside inferred values."""
    quality: Quality
    prior: Prior | None
    """The prior that fills up a new shopper's profile; null once their own evidence suffices."""
    cluster: Cluster | None
    lifecycle: Lifecycle | None
    segments: list[Membership]
    segments_refused: list[str]
    """Segments that the person refused."""
    rules: str
    """Name and version of the rules for lifecycle and segments."""
    predictions: dict[str, Chance]
    """By task: purchase.session, purchase.week, churn; only tasks with a model."""
    anomalies: list[OpenAnomaly]
    said: Said
    vectors: Vectors
    policy: str
    """Digest of the policy it was folded with."""

    @classmethod
    def decode(cls, value: bytes) -> Self:
        """The snapshot in a value of the topic. Fields that are not known are dropped; raises `DecodeError`."""
        return decode_record(cls, value)
