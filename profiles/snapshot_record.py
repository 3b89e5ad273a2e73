"""The snapshot's record: what the compacted `profiles` topic holds, field by field."""

from typing import Literal

import msgspec

Daypart = Literal["night", "morning", "afternoon", "evening"]


class TopicShare(msgspec.Struct, frozen=True):
    """A topic of interest."""

    topic: str
    share: float
    """Of all interest at its scale, 0 to 1."""
    mass: float
    """Decayed weight of the actions behind it."""


class BrandShare(msgspec.Struct, frozen=True):
    """A brand, by its share of branded interest."""

    brand: str
    share: float


class Interests(msgspec.Struct, frozen=True):
    """Topics at three time scales, the largest share first."""

    session: list[TopicShare]
    short: list[TopicShare]
    long: list[TopicShare]


class Events(msgspec.Struct, frozen=True):
    """How much was done."""

    total: int
    by_action: dict[str, float]
    """Decayed counts with the long half-life."""


class Spend(msgspec.Struct, frozen=True):
    """Money, in major units."""

    band: Literal["none", "low", "middle", "high", "top"]
    total: float
    refunded: float
    orders: int
    refunds: int
    recent: float
    """Decayed with the long half-life."""
    currency: str


class Hours(msgspec.Struct, frozen=True):
    """When the shopper is active, UTC."""

    histogram: list[float]
    """Shares of the 24 hours."""
    daypart: Daypart | None


class Session(msgspec.Struct, frozen=True):
    """The session under way, or the last one."""

    started: str
    events: int
    actions: dict[str, int]


class Recent(msgspec.Struct, frozen=True):
    """One of the last actions, newest first."""

    ts: str
    action: str
    topic: str | None
    source: str


class Cluster(msgspec.Struct, frozen=True):
    """The cluster of long-term interests, and the model that says so."""

    id: int
    model: str


class Lifecycle(msgspec.Struct, frozen=True):
    """Where the shopper stands."""

    state: str
    since: str


class Membership(msgspec.Struct, frozen=True):
    """A segment that the shopper is in."""

    name: str
    since: str


class OpenAnomaly(msgspec.Struct, frozen=True):
    """An anomaly that is open."""

    kind: str
    score: float
    since: str


class Said(msgspec.Struct, frozen=True):
    """What was last said of the interests: where a consumer that missed changes can take up again."""

    session: list[str]
    short: list[str]
    long: list[str]


class Vectors(msgspec.Struct, frozen=True):
    """Unit vectors of the interests, base64 of little-endian float16."""

    dim: int
    model: str | None
    session: str
    short: str
    long: str


class ProfileSnapshot(msgspec.Struct, frozen=True):
    """A profile as everybody else sees it, decayed to its newest event."""

    profile_id: str
    version: int
    first_seen: str
    last_seen: str
    events: Events
    interests: Interests
    brands: list[BrandShare]
    spend: Spend
    hours: Hours
    session: Session
    recent: list[Recent]
    cluster: Cluster | None
    lifecycle: Lifecycle | None
    segments: list[Membership]
    segments_refused: list[str]
    """Segments that the person does not want to be in."""
    rules: str
    """Name and version of the rules that lifecycle and segments are judged by."""
    anomalies: list[OpenAnomaly]
    said: Said
    vectors: Vectors
    policy: str
    """Digest of the policy it was folded with."""
