"""Reads the features of a profile from its row, and computes them for a later moment."""

from liveprofile.profiles.kernel.context import Floats, Ints
from liveprofile.profiles.kernel.trait_calls import read_declared
from liveprofile.profiles.numeric.exact import exp2
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.segments.features import ANOMALY, BRAND, DAY_MS, FEATURES, INTERESTS, KINDS, NEVER_DAYS, PLACE
from liveprofile.profiles.state.row import (
    ANOMALIES,
    BRANDS,
    CHURN_TASK,
    DECLARED,
    LOCATION,
    SESSION_TASK,
    SPREAD,
    TOPICS,
    WEEK_TASK,
    Row,
)
from liveprofile.profiles.state.row import LONG as LONG_SCALE
from liveprofile.profiles.traits.trait import AGE, SESSION, SHORT, STATIC

COUNT = len(FEATURES)
QUIET_GAPS, ORDER_GAPS = PLACE["quiet.gaps"], PLACE["order.gaps"]
UNKNOWN_VISIT_GAP, UNKNOWN_ORDER_GAP = 14.0, 90.0
LONGEST_VISIT_GAP, LONGEST_ORDER_GAP = 60.0, 365.0
BROAD = 0.1
"""Minimum share of a topic that counts for the breadth of interest."""
LOG2_OF_100 = 6.643856189774724
SATURDAY, SUNDAY = 5, 6
WHAT, SCALE, KEY = range(3)
"""Places in a lookup."""
VIEW, CLICK, CART, UNCART = int(Action.VIEW), int(Action.CLICK), int(Action.CART), int(Action.UNCART)
FAVOURITE, SHARE, DISMISS, SEARCH = int(Action.FAVOURITE), int(Action.SHARE), int(Action.DISMISS), int(Action.SEARCH)
PURCHASE, REFUND, REVIEW = int(Action.PURCHASE), int(Action.REFUND), int(Action.REVIEW)


@compiled
def read_features(row: Row, f: Row, raw: Floats, unit_ms: Floats, lookup: Ints) -> None:
    """Fill `raw` with the features of the row as of its newest event, ages as the moment they count from.

    `f` is its named part, `unit_ms` receives the units of ages.
    """
    _read_visits(row, f)
    _read_counts(row, f)
    _read_spend(row, f)
    _read_interests(row, f)
    read_declared(row, f)
    _read_judgements(row, f)
    unit_ms[QUIET_GAPS] = f.visits_gap_days * DAY_MS
    unit_ms[ORDER_GAPS] = f.order_gap_days * DAY_MS
    for at in range(len(lookup)):
        raw[COUNT + at] = _looked_up(row, lookup[at][WHAT], lookup[at][SCALE], lookup[at][KEY])


@compiled
def _read_visits(row: Row, f: Row) -> None:
    f.events, f.sessions = row.events, row.sessions
    f.known_days, f.quiet_days, f.quiet_gaps = row.first_ms, row.seen_ms, row.seen_ms
    f.visits_gap_days = _own_gap(row.visit_gap[LOCATION], row.visit_gap[SPREAD], UNKNOWN_VISIT_GAP, LONGEST_VISIT_GAP)
    counts = row.session_by_action
    f.session_events = row.session_events
    f.session_views = float(counts[VIEW]) + float(counts[CLICK])
    f.session_searches = counts[SEARCH]
    f.session_carts = max(float(counts[CART]) - float(counts[UNCART]), 0.0)
    f.session_orders = counts[PURCHASE]


@compiled
def _own_gap(log2_hours: float, spread: float, unknown: float, longest: float) -> float:
    """The usual gap in days, of at least one; `unknown` if none was learnt, which is a spread of 0."""
    return min(max(exp2(log2_hours) / 24.0, 1.0), longest) if spread > 0.0 else unknown


@compiled
def _read_counts(row: Row, f: Row) -> None:
    counts = row.by_action
    f.recent_events = row.rate_short
    f.recent_views = float(counts[VIEW]) + float(counts[CLICK])
    f.recent_searches, f.recent_carts = counts[SEARCH], counts[CART]
    f.recent_favourites, f.recent_shares = counts[FAVOURITE], counts[SHARE]
    f.recent_dismissals, f.recent_orders = counts[DISMISS], counts[PURCHASE]
    f.recent_refunds, f.recent_reviews = counts[REFUND], counts[REVIEW]


@compiled
def _read_spend(row: Row, f: Row) -> None:
    f.orders, f.refunds = row.orders, row.refunds
    f.order_days, f.order_gaps = row.last_order_ms, row.last_order_ms
    f.order_gap_days = _own_gap(row.order_gap[LOCATION], row.order_gap[SPREAD], UNKNOWN_ORDER_GAP, LONGEST_ORDER_GAP)
    f.order_average = exp2(row.order_location - LOG2_OF_100) if row.orders > 0 and row.order_spread > 0 else 0.0
    f.spend_total = (float(row.spent) - float(row.refunded)) / 100.0
    f.spend_refund_share = float(row.refunded) / float(row.spent) if row.spent > 0 else 0.0


@compiled
def _read_interests(row: Row, f: Row) -> None:
    total, top = float(row.mass[LONG_SCALE]), 0.0
    known = 0.0
    for at in range(TOPICS):
        known += row.topic_mass[LONG_SCALE][at]
        top = max(top, float(row.topic_mass[LONG_SCALE][at]))
    total = max(total, known)
    broad = 0
    for at in range(TOPICS):
        broad += total > 0.0 and row.topic_mass[LONG_SCALE][at] >= BROAD * total
    f.interest_top = top / total if total > 0.0 else 0.0
    f.interest_breadth, f.interest_mass = broad, row.mass[LONG_SCALE]
    brands, top = 0.0, 0.0
    for at in range(BRANDS):
        brands += row.brand_mass[at]
        top = max(top, float(row.brand_mass[at]))
    f.brand_top = top / brands if brands > 0.0 else 0.0


@compiled
def _read_judgements(row: Row, f: Row) -> None:
    f.chance_session, f.chance_week = row.probability[SESSION_TASK], row.probability[WEEK_TASK]
    f.chance_churn = row.probability[CHURN_TASK]
    anomaly_model = 0
    for at in range(len(ANOMALIES)):
        anomaly_model += row.anomaly_s[at] != 0
    f.anomalies_open = anomaly_model
    f.lifecycle_days, f.lifecycle_state = float(row.lifecycle_s) * 1000.0, row.lifecycle
    f.cluster = row.cluster


@compiled
def _looked_up(row: Row, what: int, scale: int, key: int) -> float:
    """The value of a keyed feature."""
    if what == ANOMALY:
        return 1.0 if row.anomaly_s[key] != 0 else 0.0
    if what == INTERESTS:
        return _topic_share(row, scale, key)
    if what == BRAND:
        return _brand_share(row, key)
    for at in range(DECLARED):
        if row.declared[at][0] == key:
            return float(row.declared[at][1])
    return 0.0


@compiled
def _topic_share(row: Row, scale: int, topic: int) -> float:
    found, known = 0.0, 0.0
    for at in range(TOPICS):
        known += row.topic_mass[scale][at]
        if row.topic[at] == topic:
            found = float(row.topic_mass[scale][at])
    total = max(known, float(row.mass[scale]))
    return found / total if total > 0.0 else 0.0


@compiled
def _brand_share(row: Row, brand: int) -> float:
    found, total = 0.0, 0.0
    for at in range(BRANDS):
        total += row.brand_mass[at]
        if row.brand[at] == brand:
            found = float(row.brand_mass[at])
    return found / total if total > 0.0 else 0.0


@compiled
def move_features(
    time_ms: int, session: float, short: float, long: float, raw: Floats, value: Floats, unit_ms: Floats
) -> None:
    """Move features from the newest activity to `time_ms`; `session`, `short`, `long` are the decay factors."""
    for at in range(COUNT):
        kind = KINDS[at]
        if kind == STATIC:
            value[at] = raw[at]
        elif kind == AGE:
            value[at] = age(raw[at], time_ms, unit_ms[at])
        else:
            value[at] = raw[at] * (session if kind == SESSION else short if kind == SHORT else long)
    for at in range(COUNT, len(raw)):
        value[at] = raw[at]


@compiled
def age(since_ms: float, time_ms: int, unit_ms: float) -> float:
    """Time since a moment in units, never below 0; `NEVER_DAYS` if there was none.

    >>> age(86_400_000.0, 2 * 86_400_000, 86_400_000.0)
    1.0
    """
    return max(time_ms - since_ms, 0.0) / unit_ms if since_ms != 0.0 else NEVER_DAYS
