"""The quality of a profile: completeness, freshness, consistency and confidence. A pure function of row and time."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.facts.trait_snapshot import Quality
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.kernel.statements import DAYPART, PRICE_FOCUS, SHOPPING_DAYS, statements
from liveprofile.profiles.numeric.decayed_mean import confidence_of
from liveprofile.profiles.numeric.exact import remaining
from liveprofile.profiles.numeric.hysteresis import NONE, band_around_zero
from liveprofile.profiles.records.activity import digest32
from liveprofile.profiles.records.vocabulary import PARTS_OF_DAY
from liveprofile.profiles.state.row import LONG, SLOT_DIMS, SPREAD, Rows

FACETS = {
    "interests": "enough long-term weight to publish an interest",
    "brands": "enough weight of a brand to publish it",
    "hours": "enough events to publish a part of the day",
    "visits": "a pause between two sessions",
    "orders": "an order",
    "rhythm": "two gaps between orders",
    "prices": "enough weight of priced actions to publish a price band",
    "searches": "a search, not decayed by more than half",
    "reviews": "a review",
    "declared": "an attribute that the person stated",
    "cluster": "a cluster",
}
"""The facets of a complete profile, with the minimum evidence of each."""
PREFERRED_CATEGORY = digest32("preferred_category")
TOPICS_COMPARED = 3
_AGREES: dict[int, dict[int, tuple[int, ...]]] = {
    PRICE_FOCUS: {
        digest32("bargains"): (1,),
        digest32("value"): (1, 2),
        digest32("quality"): (2, 3),
        digest32("luxury"): (3,),
    },
    DAYPART: {digest32(part): (place + 1,) for place, part in enumerate(PARTS_OF_DAY)},
    SHOPPING_DAYS: {digest32("weekday"): (1,), digest32("weekend"): (2,)},
}
"""The bands that a declared value agrees with, by attribute and value."""


def quality(row: np.void, time_ms: int, policy: Policy) -> Quality:
    """One profile's quality at a moment not before its newest event."""
    return qualities(np.array([row], dtype=row.dtype), [time_ms], policy)[0]


def qualities(rows: Rows, times_ms: Sequence[int], policy: Policy) -> list[Quality]:
    """The qualities of many profiles (n,), each at a moment of its own."""
    known = facets(rows, policy).mean(axis=1).round(3).tolist()
    masses, agreed = rows["mass"][:, LONG].tolist(), consistencies(rows, policy)
    short_s, long_s = policy.decay.half_life_s["short"], policy.decay.half_life_s["long"]
    elapsed_ms = [time_ms - seen_ms for time_ms, seen_ms in zip(times_ms, rows["seen_ms"].tolist(), strict=True)]
    return [
        Quality(
            completeness=known[at],
            freshness=round(remaining(passed_ms, short_s), 4),
            consistency=None if np.isnan(agreed[at]) else round(float(agreed[at]), 3),
            confidence=round(confidence_of(masses[at] * remaining(passed_ms, long_s), policy.confidence_mass), 3),
        )
        for at, passed_ms in enumerate(elapsed_ms)
    ]


def facets(rows: Rows, policy: Policy) -> npt.NDArray[np.bool_]:
    """Which of FACETS profiles have (n, len(FACETS)); completeness is their share."""
    return np.stack(
        [
            rows["mass"][:, LONG] >= policy.interests.long.min_mass,
            (rows["brand_mass"] >= policy.brands.min_mass).any(axis=1),
            rows["hours_mass"] >= policy.hours.min_mass,
            rows["visit_gap"][:, SPREAD] > 0,
            rows["orders"] > 0,
            (rows["orders"] > 2) & (rows["order_gap"][:, SPREAD] > 0),
            rows["price_mass"] >= policy.price.min_mass,
            rows["specificity_mass"] >= 0.5,
            rows["reviews"] > 0,
            (rows["declared"][:, :, 1] > 0).any(axis=1),
            rows["cluster"] >= 0,
        ],
        axis=1,
    )


def consistencies(rows: Rows, policy: Policy) -> npt.NDArray[np.float64]:
    """Agreement of the parts of each profile (n,), 0 to 1; NaN without parts to compare.

    The mean of: cosines (below 0 as 0) between the interests of session, week and long term, in their first
    dimensions; and for each declared attribute that is also inferred, 1 if both agree and 0 if not.
    """
    vectors = rows["interest"][:, :, :SLOT_DIMS].astype(np.float64)
    lengths = np.sqrt(np.square(vectors).sum(axis=2))
    total, count = np.zeros(len(rows)), np.zeros(len(rows))
    for one, other in ((0, 1), (0, 2), (1, 2)):
        both = (lengths[:, one] > 0) & (lengths[:, other] > 0)
        dots = (vectors[:, one] * vectors[:, other]).sum(axis=1)
        total[both] += np.maximum(dots[both] / (lengths[both, one] * lengths[both, other]), 0.0)
        count += both
    for at in np.flatnonzero(rows["declared_how"].any(axis=1)).tolist():
        same = agreements(rows[at], policy)
        total[at] += sum(same)
        count[at] += len(same)
    agreed: npt.NDArray[np.float64] = np.divide(total, count, out=np.full(len(rows), np.nan), where=count > 0)
    return agreed


def agreements(row: np.void, policy: Policy) -> list[bool]:
    """Whether each declared attribute that is also inferred agrees with the inferred value."""
    inferred = {
        PRICE_FOCUS: _price_band(row, policy),
        DAYPART: _part_of_day(row),
        SHOPPING_DAYS: int(row["published_days"]),
    }
    found = []
    for attribute, value, _, _ in statements(row):
        if inferred.get(attribute):
            found.append(inferred[attribute] in _AGREES[attribute].get(value, ()))
        elif attribute == PREFERRED_CATEGORY and row["mass"][2] > 0:
            largest = np.argsort(-row["topic_mass"][2], kind="stable")[:TOPICS_COMPARED]
            found.append(value in row["topic"][largest])
    return found


def _price_band(row: np.void, policy: Policy) -> int:
    """The band of the mean z, also if the person corrected it and it is not published."""
    if row["price_mass"] <= 0:
        return 0
    return band_around_zero(NONE, float(row["price"]), policy.price.enter, policy.price.exit)


def _part_of_day(row: np.void) -> int:
    """The part of the day with most of the activity; 0 if there is none."""
    if row["hours_mass"] <= 0:
        return 0
    return int(row["hours"].reshape(len(PARTS_OF_DAY), -1).sum(axis=1).argmax()) + 1
