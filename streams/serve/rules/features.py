"""Features of rules, read from snapshots as far as those have them; the others make a rule that cannot be tried."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from liveprofile.profiles.records.activity import digest32
from liveprofile.profiles.segments.features import ANOMALY, BRAND, DAY_MS, FEATURES, INTERESTS
from liveprofile.profiles.segments.lowered import STATE, Lowered
from liveprofile.profiles.state.row import SCALES
from liveprofile.profiles.traits.trait import AGE

Json = Mapping[str, Any]
Read = Callable[[Json], float]
"""Reads a feature from a decoded snapshot: a moment in epoch milliseconds for an age, 0 for never."""
BROAD = 0.1
"""Least share of a topic that counts for the breadth of interest."""
VISIT_DAYS, ORDER_DAYS = (14.0, 60.0), (90.0, 365.0)
"""The usual gap where none is known, and the longest, days."""


def readers(lowered: Lowered) -> dict[int, Read]:
    """The readers of the features that rules compare, by place; without those that snapshots do not have."""
    found: dict[int, Read] = {}
    for place in {atom.place for atom in lowered.atoms}:
        if place >= len(FEATURES):
            found[place] = _keyed(lowered, place)
        elif FEATURES[place].name == STATE:
            found[place] = _state(lowered)
        elif (read := _PLAIN.get(FEATURES[place].name)) is not None:
            found[place] = _named(read, FEATURES[place].values) if FEATURES[place].values else read
    return found


def unit_days(place: int, snapshot: Json) -> float:
    """The unit of an age in days: a day, or the shopper's own gap."""
    name = FEATURES[place].name
    if name == "quiet.gaps":
        return _visit_gap(snapshot)
    return _order_gap(snapshot) if name == "order.gaps" else 1.0


def is_age(place: int) -> bool:
    """Whether a feature counts from a moment."""
    return place < len(FEATURES) and bool(FEATURES[place].kind == AGE)


def ms_of(time: object) -> float:
    """A time of a snapshot as epoch milliseconds; 0 for none.

    >>> ms_of("1970-01-01T00:00:01.500Z"), ms_of(None)
    (1500.0, 0.0)
    """
    try:
        return datetime.fromisoformat(str(time)).timestamp() * 1000 if time else 0.0
    except ValueError:
        return 0.0


def _at(*path: str) -> Callable[[Json], Any]:
    """What stands at a path; None where something on the way is missing."""

    def read(snapshot: Json) -> Any:
        found: Any = snapshot
        for name in path:
            found = found.get(name) if isinstance(found, Mapping) else None
        return found

    return read


def _number(*path: str, otherwise: float = 0.0) -> Read:
    read = _at(*path)
    return lambda snapshot: float(found) if (found := read(snapshot)) is not None else otherwise


def _time(*path: str) -> Read:
    read = _at(*path)
    return lambda snapshot: ms_of(read(snapshot))


def _actions(*names: str, path: tuple[str, str], less: str = "") -> Read:
    """The count of actions, less those that take them back."""
    read = _at(*path)

    def count(snapshot: Json) -> float:
        counts = read(snapshot) or {}
        return max(sum(float(counts.get(name, 0)) for name in names) - float(counts.get(less, 0)), 0.0)

    return count


def _size(*path: str) -> Read:
    read = _at(*path)
    return lambda snapshot: float(len(read(snapshot) or ()))


def _largest(*path: str) -> Read:
    read = _at(*path)
    return lambda snapshot: max((float(one["share"]) for one in read(snapshot) or ()), default=0.0)


def _named(read: Callable[[Json], Any], values: tuple[str, ...]) -> Read:
    """The number of a name in a closed list; 0, which is none, for another one."""
    return lambda snapshot: float(values.index(found)) if (found := read(snapshot)) in values else 0.0


def _state(lowered: Lowered) -> Read:
    read = _at("lifecycle", "state")
    return lambda snapshot: float(lowered.states.index(name)) if (name := read(snapshot)) in lowered.states else 0.0


def _keyed(lowered: Lowered, place: int) -> Read:
    lookup, shown = lowered.lookups[place - len(FEATURES)], lowered.lookup_names[place - len(FEATURES)]
    key = shown[shown.index('["') + 2 : -2]
    if lookup.what == INTERESTS:
        return _share(("interests", SCALES[lookup.scale]), "topic", key)
    if lookup.what == BRAND:
        return _share(("brands",), "brand", key)
    if lookup.what == ANOMALY:
        return lambda snapshot: float(any(one.get("kind") == key for one in snapshot.get("anomalies") or ()))

    def declared(snapshot: Json) -> float:
        stated = (one for one in snapshot.get("declared") or () if one.get("name") == key.lower())
        return next((float(digest32(str(one.get("value")).lower())) for one in stated), 0.0)

    return declared


def _share(path: tuple[str, ...], name: str, key: str) -> Read:
    read = _at(*path)
    return lambda snapshot: next((float(one["share"]) for one in read(snapshot) or () if one.get(name) == key), 0.0)


def _gap(member: str, unknown: float, longest: float) -> Read:
    read = _at("traits", "rhythm", member)
    return lambda snapshot: min(max(float(hours) / 24, 1.0), longest) if (hours := read(snapshot)) else unknown


_visit_gap, _order_gap = _gap("visit_hours", *VISIT_DAYS), _gap("order_hours", *ORDER_DAYS)


def _last_order(snapshot: Json) -> float:
    days = _at("traits", "rfm", "recency_days")(snapshot)
    return ms_of(snapshot.get("last_seen")) - float(days) * DAY_MS if days is not None else 0.0


def _refund_share(snapshot: Json) -> float:
    spend = snapshot.get("spend") or {}
    total = float(spend.get("total") or 0.0)
    return float(spend.get("refunded") or 0.0) / total if total > 0 else 0.0


def _mass(snapshot: Json) -> float:
    """The weight of all interest: a topic's, by its share of it."""
    top = next(iter(_at("interests", "long")(snapshot) or ()), None)
    return float(top["mass"]) / float(top["share"]) if top and top["share"] else 0.0


def _weekend(snapshot: Json) -> float:
    histogram = _at("traits", "days", "histogram")(snapshot) or ()
    return float(sum(histogram[5:7]))


_SESSION, _LONG = ("session", "actions"), ("events", "by_action")
_PLAIN: Mapping[str, Callable[[Json], Any]] = {
    "events": _number("events", "total"),
    "sessions": _number("traits", "sessions"),
    "known.days": _time("first_seen"),
    "quiet.days": _time("last_seen"),
    "quiet.gaps": _time("last_seen"),
    "visits.gap_days": _visit_gap,
    "session.events": _number("session", "events"),
    "session.views": _actions("view", "click", path=_SESSION),
    "session.searches": _actions("search", path=_SESSION),
    "session.carts": _actions("cart", path=_SESSION, less="uncart"),
    "session.orders": _actions("purchase", path=_SESSION),
    "recent.views": _actions("view", "click", path=_LONG),
    "recent.searches": _actions("search", path=_LONG),
    "recent.carts": _actions("cart", path=_LONG),
    "recent.favourites": _actions("favourite", path=_LONG),
    "recent.shares": _actions("share", path=_LONG),
    "recent.dismissals": _actions("dismiss", path=_LONG),
    "recent.orders": _actions("purchase", path=_LONG),
    "recent.refunds": _actions("refund", path=_LONG),
    "recent.reviews": _actions("review", path=_LONG),
    "orders": _number("spend", "orders"),
    "refunds": _number("spend", "refunds"),
    "order.days": _last_order,
    "order.gaps": _last_order,
    "order.gap_days": _order_gap,
    "spend.total": lambda snapshot: _number("spend", "total")(snapshot) - _number("spend", "refunded")(snapshot),
    "spend.recent": _number("spend", "recent"),
    "spend.band": _at("spend", "band"),
    "spend.refund_share": _refund_share,
    "price.level": _number("traits", "price", "z"),
    "price.band": _at("traits", "price", "band"),
    "discount.share": _number("traits", "discounts", "share"),
    "interest.top": _largest("interests", "long"),
    "interest.breadth": lambda snapshot: float(
        sum(float(one["share"]) >= BROAD for one in _at("interests", "long")(snapshot) or ())
    ),
    "interest.mass": _mass,
    "brand.top": _largest("brands"),
    "search.specificity": _number("traits", "specificity"),
    "daypart": _at("hours", "daypart"),
    "weekend.share": _weekend,
    "reviews": _number("traits", "sentiment", "reviews"),
    "sentiment.mean": _number("traits", "sentiment", "mean"),
    "sentiment.band": _at("traits", "sentiment", "band"),
    "offers.accepted": _number("traits", "offers", "accepted"),
    "offers.refused": _number("traits", "offers", "refused"),
    "chance.session": _number("predictions", "purchase.session", "chance"),
    "chance.week": _number("predictions", "purchase.week", "chance"),
    "chance.churn": _number("predictions", "churn", "chance"),
    "devices": _number("traits", "devices"),
    "countries": _size("traits", "countries"),
    "payments.failed": _number("traits", "failed_payments"),
    "anomalies.open": _size("anomalies"),
    "lifecycle.days": _time("lifecycle", "since"),
    "cluster": _number("cluster", "id", otherwise=-1.0),
}
"""Readers by name of the feature. `recent.events` and `order.average` are in no snapshot."""
