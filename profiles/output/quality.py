"""The quality of a profile: completeness, freshness, consistency and confidence. A pure function of row and time."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.facts.trait_snapshot import Quality
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.kernel.statements import DAYPART, PRICE_FOCUS, SHOPPING_DAYS
from liveprofile.profiles.numeric.decayed_mean import confidence_of
from liveprofile.profiles.numeric.exact import remaining
from liveprofile.profiles.numeric.hysteresis import NONE, band_around_zero
from liveprofile.profiles.numeric.rounding import rounded
from liveprofile.profiles.records.activity import digest32
from liveprofile.profiles.records.vocabulary import PARTS_OF_DAY
from liveprofile.profiles.state.columns import Columns
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
    short_s, long_s = policy.decay.half_life_s["short"], policy.decay.half_life_s["long"]
    elapsed_ms = (np.asarray(times_ms, np.int64) - rows["seen_ms"]).tolist()
    left = {passed_ms: (remaining(passed_ms, short_s), remaining(passed_ms, long_s)) for passed_ms in set(elapsed_ms)}
    fresh, lasting = np.array([left[passed_ms] for passed_ms in elapsed_ms]).reshape(-1, 2).T
    confidence = confidence_of(rows["mass"][:, LONG].astype(np.float64) * lasting, policy.confidence_mass)
    agreed = rounded(consistencies(rows, policy), 3)
    measures = (
        facets(rows, policy).mean(axis=1).round(3).tolist(),
        rounded(fresh, 4).tolist(),
        [None if np.isnan(share) else share for share in agreed.tolist()],
        rounded(confidence, 3).tolist(),
    )
    return list(map(Quality, *measures))


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
    stated = np.flatnonzero(rows["declared_how"].any(axis=1))
    for at, same in zip(stated.tolist(), agreements(rows[stated], policy) if len(stated) else (), strict=True):
        total[at] += sum(same)
        count[at] += len(same)
    agreed: npt.NDArray[np.float64] = np.divide(total, count, out=np.full(len(rows), np.nan), where=count > 0)
    return agreed


def agreements(rows: Rows, policy: Policy) -> list[list[bool]]:
    """Whether each attribute that people (n,) declared, and that is also inferred, agrees with the inferred value."""
    columns, inferred = Columns(rows), _inferred(rows, policy)
    statements = columns.together("declared", "declared_how")
    return [
        [
            agrees
            for (attribute, value), how in zip(declared, hows, strict=True)
            if how and value and (agrees := _agrees(columns, at, inferred[at], attribute, value)) is not None
        ]
        for at, (declared, hows) in enumerate(statements)
    ]


def _agrees(columns: Columns, at: int, inferred: Mapping[int, int], attribute: int, value: int) -> bool | None:
    """Whether a declared value agrees with what is known of a person; None if nothing is known."""
    if inferred.get(attribute):
        return inferred[attribute] in _AGREES[attribute].get(value, ())
    row = columns.rows[at]
    if attribute == PREFERRED_CATEGORY and row["mass"][LONG] > 0:
        largest = np.argsort(-row["topic_mass"][LONG], kind="stable")[:TOPICS_COMPARED]
        return value in row["topic"][largest]
    return None


def _inferred(rows: Rows, policy: Policy) -> list[dict[int, int]]:
    """The inferred bands that a declared value is compared with, by attribute; 0 for none.

    The price band is that of the mean z, also if the person corrected it and it is not published. The part of the day
    is the one with most of the activity.
    """
    bands = [band_around_zero(NONE, price, policy.price.enter, policy.price.exit) for price in rows["price"].tolist()]
    prices = np.where(rows["price_mass"] > 0, bands, 0).tolist()
    hours = rows["hours"].reshape(len(rows), len(PARTS_OF_DAY), -1).sum(axis=2)
    parts = np.where(rows["hours_mass"] > 0, hours.argmax(axis=1) + 1, 0).tolist()
    found = zip(prices, parts, rows["published_days"].tolist(), strict=True)
    return [dict(zip((PRICE_FOCUS, DAYPART, SHOPPING_DAYS), each, strict=True)) for each in found]
