"""Features: the documented names for segment rules, and how the value of each changes with time.

A feature is read from the row as of its newest event. Its value at a later moment follows from its kind alone, so the
moment at which the verdict of a rule changes is known in closed form (see `transitions`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from liveprofile.profiles.state.row import ANOMALIES
from liveprofile.profiles.traits.registry import TRAITS
from liveprofile.profiles.traits.trait import AGE, LONG, SHORT, STATIC, Feature

DAY_MS = 86_400_000.0
NEVER_DAYS = 36_500.0
"""Days since an event that never happened: a hundred years."""

_DECLARED = {one.name: one for trait in TRAITS for one in trait.features}

_FIRST: tuple[Feature, ...] = (
    # counts and durations
    Feature("events", STATIC, "activities", "Activities so far."),
    Feature("sessions", STATIC, "sessions", "Sessions so far."),
    Feature("known.days", AGE, "days", "Time since the first activity."),
    Feature("quiet.days", AGE, "days", "Time since the newest activity."),
    Feature("quiet.gaps", AGE, "own gaps", "Time since the newest activity, measured in `visits.gap_days`."),
    Feature("visits.gap_days", STATIC, "days", "The person's own usual gap between sessions: 1 to 60, 14 if unknown."),
    # the session
    Feature("session.events", STATIC, "activities", "Activities of the current session, or of the last one."),
    Feature("session.views", STATIC, "activities", "Views and clicks in it."),
    Feature("session.searches", STATIC, "activities", "Searches in it."),
    Feature("session.carts", STATIC, "activities", "Items added to the cart in it, less those removed."),
    Feature("session.orders", STATIC, "orders", "Orders in it."),
    # decayed counts of actions
    Feature("recent.events", SHORT, "activities", "All activities."),
    Feature("recent.views", LONG, "activities", "Views and clicks."),
    Feature("recent.searches", LONG, "activities", "Searches."),
    Feature("recent.carts", LONG, "activities", "Items added to the cart."),
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
    _DECLARED["spend.recent"],
    _DECLARED["spend.band"],
    Feature("spend.refund_share", STATIC, "share", "Refunds as a share of all spend."),
    # prices
    _DECLARED["price.level"],
    _DECLARED["price.band"],
    _DECLARED["discount.share"],
    # interests
    Feature("interest.top", STATIC, "share", "The largest topic's share of long-term interest."),
    Feature("interest.breadth", STATIC, "topics", "Topics with at least a tenth of long-term interest."),
    Feature("interest.mass", LONG, "weight", "Weight of all long-term interest."),
    Feature("brand.top", STATIC, "share", "The largest brand's share of branded interest."),
    _DECLARED["search.specificity"],
    # when
    _DECLARED["daypart"],
    _DECLARED["weekend.share"],
    # statements of the person
    _DECLARED["reviews"],
    _DECLARED["sentiment.mean"],
    _DECLARED["sentiment.band"],
    _DECLARED["offers.accepted"],
    _DECLARED["offers.refused"],
    # last predictions
    Feature("chance.session", STATIC, "probability", "Of a purchase within the session."),
    Feature("chance.week", STATIC, "probability", "Of a purchase within 7 days."),
    Feature("chance.churn", STATIC, "probability", "Of staying away."),
    # risk
    _DECLARED["devices"],
    _DECLARED["countries"],
    _DECLARED["payments.failed"],
    Feature("anomalies.open", STATIC, "anomalies", "Anomalies that are open."),
    # lifecycle and cluster
    Feature("lifecycle.days", AGE, "days", "Time in the lifecycle state."),
    Feature("lifecycle.state", STATIC, "name", "The lifecycle state; in rules of the lifecycle itself the one before."),
    Feature("cluster", STATIC, "id", "The cluster; -1 for none."),
)
FEATURES = (*_FIRST, *(one for one in _DECLARED.values() if one not in _FIRST))
"""In the order of `FEATURE`. Decayed ones are counts or sums in which older activities weigh less."""

BY_NAME: Mapping[str, Feature] = {one.name: one for one in FEATURES}
PLACE: Mapping[str, int] = {one.name: at for at, one in enumerate(FEATURES)}

FEATURE = np.dtype([(one.field_name, "<f8") for one in FEATURES])
"""One number per feature: an age as the epoch milliseconds that it is counted from, 0 for never."""
KINDS = np.array([one.kind for one in FEATURES], np.int64)

INTERESTS, BRAND, DECLARED, ANOMALY = range(4)
"""The table in which a keyed feature looks up its key."""


@dataclass(frozen=True, slots=True)
class Keyed:
    """A feature with a key in brackets, such as `interest.long["home/garden"]`."""

    name: str
    what: int
    scale: int
    unit: str
    meaning: str
    keys: tuple[str, ...] = ()
    """The possible keys, if the list is closed."""


KEYED: tuple[Keyed, ...] = (
    Keyed("interest.session", INTERESTS, 0, "share", "A topic's share of this session's interest, by its whole path."),
    Keyed("interest.short", INTERESTS, 1, "share", "A topic's share of the week's interest."),
    Keyed("interest.long", INTERESTS, 2, "share", "A topic's share of long-term interest."),
    Keyed("brand.share", BRAND, 0, "share", "A brand's share of branded interest."),
    Keyed("declared", DECLARED, 0, "name", 'The attribute that the person stated, "" if none: `declared["language"]`.'),
    Keyed("anomaly", ANOMALY, 0, "true or false", "Whether an anomaly of this kind is open.", ANOMALIES),
)
"""They change with activities only: shares are constant under equal decay."""
