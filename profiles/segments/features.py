"""Features: the documented names that rules of segments are written in, and how each one changes with time.

A feature is read out of the row as of its newest event. What it is at a later moment follows from its kind alone, so
the moment at which a rule changes its mind is known in closed form (see `timers`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from liveprofile.profiles.records.vocabulary import BANDS, PARTS_OF_DAY
from liveprofile.profiles.state.row import ANOMALIES

STATIC, AGE, DECAY = 0, 1, 2
"""Kinds: changes with activities only; grows as time passes; halves with a half-life (DECAY + its place in `Rules`)."""
SESSION, SHORT, LONG = DECAY, DECAY + 1, DECAY + 2
DAY_MS = 86_400_000.0
NEVER_DAYS = 36_500.0
"""Days since something that never happened: a hundred years."""
PRICE_BANDS = ("none", "budget", "middle", "premium")
SENTIMENT_BANDS = ("none", "negative", "mixed", "positive")

_KIND_WORDS = {
    STATIC: "with activities only",
    AGE: "grows with time",
    SESSION: "halves with the session half-life",
    SHORT: "halves with the short half-life",
    LONG: "halves with the long half-life",
}


@dataclass(frozen=True, slots=True)
class Feature:
    """One name that rules may use."""

    name: str
    kind: int
    unit: str
    meaning: str
    values: tuple[str, ...] = field(default=())
    """Of an enumeration: what it may be, by the number that stands for it."""

    @property
    def field_name(self) -> str:
        """Its name in `FEATURE`, where dots cannot stand."""
        return self.name.replace(".", "_")

    @property
    def changes(self) -> str:
        """How it changes, in words."""
        return _KIND_WORDS[self.kind]


FEATURES: tuple[Feature, ...] = (
    # how much and how long
    Feature("events", STATIC, "activities", "Activities so far."),
    Feature("sessions", STATIC, "sessions", "Sessions so far."),
    Feature("known.days", AGE, "days", "Time since the first activity."),
    Feature("quiet.days", AGE, "days", "Time since the newest activity."),
    Feature("quiet.gaps", AGE, "own gaps", "Time since the newest activity, measured in `visits.gap_days`."),
    Feature("visits.gap_days", STATIC, "days", "The person's own usual gap between sessions: 1 to 60, 14 if unknown."),
    # the session
    Feature("session.events", STATIC, "activities", "Activities of the session under way, or of the last one."),
    Feature("session.views", STATIC, "activities", "Views and clicks in it."),
    Feature("session.searches", STATIC, "activities", "Searches in it."),
    Feature("session.carts", STATIC, "activities", "Items put into the cart in it, less those taken out."),
    Feature("session.orders", STATIC, "orders", "Orders in it."),
    # what was done, decayed
    Feature("recent.events", SHORT, "activities", "All activities."),
    Feature("recent.views", LONG, "activities", "Views and clicks."),
    Feature("recent.searches", LONG, "activities", "Searches."),
    Feature("recent.carts", LONG, "activities", "Items put into the cart."),
    Feature("recent.favourites", LONG, "activities", "Favourites."),
    Feature("recent.shares", LONG, "activities", "Items shared with others."),
    Feature("recent.dismissals", LONG, "activities", "Items dismissed."),
    Feature("recent.orders", LONG, "orders", "Orders."),
    Feature("recent.refunds", LONG, "refunds", "Refunds."),
    Feature("recent.reviews", LONG, "reviews", "Reviews."),
    # orders and money
    Feature("orders", STATIC, "orders", "Orders so far."),
    Feature("refunds", STATIC, "refunds", "Refunds so far."),
    Feature("order.days", AGE, "days", f"Time since the last order; {NEVER_DAYS:.0f} for never."),
    Feature("order.gaps", AGE, "own gaps", "Time since the last order, measured in `order.gap_days`."),
    Feature("order.gap_days", STATIC, "days", "The person's own usual gap between orders: 1 to 365, 90 if unknown."),
    Feature("order.average", STATIC, "major units", "The usual order: its median, roughly; 0 without orders."),
    Feature("spend.total", STATIC, "major units", "All orders less refunds."),
    Feature("spend.recent", LONG, "major units", "Spend."),
    Feature("spend.band", STATIC, "name", "The band of recent spend that was said.", BANDS),
    Feature("spend.refund_share", STATIC, "share", "Refunds as a share of all spend."),
    # prices
    Feature("price.level", STATIC, "deviations", "How dear the products looked at are for their categories."),
    Feature("price.band", STATIC, "name", "The price band that was said.", PRICE_BANDS),
    Feature("discount.share", STATIC, "share", "What was saved by reductions, of the list price of what was bought."),
    # interests
    Feature("interest.top", STATIC, "share", "The largest topic's share of long-term interest."),
    Feature("interest.breadth", STATIC, "topics", "Topics with at least a tenth of long-term interest."),
    Feature("interest.mass", LONG, "weight", "Weight of all long-term interest."),
    Feature("brand.top", STATIC, "share", "The largest brand's share of branded interest."),
    Feature("search.specificity", STATIC, "share", "How exact the queries are, 0 to 1."),
    # when
    Feature("daypart", STATIC, "name", "The part of the day (UTC) that was said.", ("none", *PARTS_OF_DAY)),
    Feature("weekend.share", STATIC, "share", "Activity on Saturday and Sunday (UTC)."),
    # what the person says
    Feature("reviews", STATIC, "reviews", "Reviews so far."),
    Feature("sentiment.mean", STATIC, "-1 to 1", "Mean of what the reviews say."),
    Feature("sentiment.band", STATIC, "name", "The sentiment that was said.", SENTIMENT_BANDS),
    Feature("offers.accepted", LONG, "times", "Offers and tags accepted."),
    Feature("offers.refused", LONG, "times", "Offers and tags refused."),
    # predictions, as last made
    Feature("chance.session", STATIC, "probability", "Of a purchase within the session."),
    Feature("chance.week", STATIC, "probability", "Of a purchase within 7 days."),
    Feature("chance.churn", STATIC, "probability", "Of staying away."),
    # risk
    Feature("devices", STATIC, "devices", "Devices remembered."),
    Feature("countries", STATIC, "countries", "Countries remembered."),
    Feature("payments.failed", SESSION, "payments", "Failed payments."),
    Feature("anomalies.open", STATIC, "anomalies", "Anomalies that are open."),
    # lifecycle and cluster
    Feature("lifecycle.days", AGE, "days", "Time in the lifecycle state."),
    Feature("lifecycle.state", STATIC, "name", "The lifecycle state; in rules of the lifecycle itself the one before."),
    Feature("cluster", STATIC, "id", "The cluster; -1 for none."),
)
"""In the order of `FEATURE`. Decayed ones are counts or sums in which older activities weigh less."""

BY_NAME: Mapping[str, Feature] = {one.name: one for one in FEATURES}
PLACE: Mapping[str, int] = {one.name: at for at, one in enumerate(FEATURES)}

FEATURE = np.dtype([(one.field_name, "<f8") for one in FEATURES])
"""One number per feature: an age as the epoch milliseconds that it is counted from, 0 for never."""
KINDS = np.array([one.kind for one in FEATURES], np.int64)

INTERESTS, BRAND, DECLARED, ANOMALY = range(4)
"""What a keyed feature looks its key up in."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """A feature with a key in brackets, such as `interest.long["home/garden"]`."""

    name: str
    what: int
    scale: int
    unit: str
    meaning: str
    keys: tuple[str, ...] = ()
    """The keys there are, where they are few and known."""


KEYED: tuple[Keyed, ...] = (
    Keyed("interest.session", INTERESTS, 0, "share", "A topic's share of this session's interest, by its whole path."),
    Keyed("interest.short", INTERESTS, 1, "share", "A topic's share of the week's interest."),
    Keyed("interest.long", INTERESTS, 2, "share", "A topic's share of long-term interest."),
    Keyed("brand.share", BRAND, 0, "share", "A brand's share of branded interest."),
    Keyed("declared", DECLARED, 0, "name", 'What the person says of themself, "" if nothing: `declared["language"]`.'),
    Keyed("anomaly", ANOMALY, 0, "true or false", "Whether an anomaly of this kind is open.", ANOMALIES),
)
"""They change with activities only: shares stay as they are while everything decays alike."""
