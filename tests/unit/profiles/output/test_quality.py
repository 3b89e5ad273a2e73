"""The quality of a profile: each facet at its bound, each agreement of its parts, and what time takes."""

from typing import Any

import numpy as np
import pytest
from support.activities import DIMS, NOON_MS

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.kernel.statements import DAYPART, PRICE_FOCUS, SHOPPING_DAYS
from liveprofile.profiles.output.quality import (
    FACETS,
    PREFERRED_CATEGORY,
    agreements,
    consistencies,
    facets,
    quality,
)
from liveprofile.profiles.records.activity import digest32
from liveprofile.profiles.state.row import LONG, SPREAD, Rows, blank_rows

POLICY = Policy(dims=DIMS)
NAMES = list(FACETS)
ENOUGH: dict[str, list[tuple[tuple[Any, ...], float, float]]] = {
    "interests": [(("mass", LONG), POLICY.interests.long.min_mass, 0.001)],
    "brands": [(("brand_mass", 2), POLICY.brands.min_mass, 0.001)],
    "hours": [(("hours_mass",), POLICY.hours.min_mass, 0.001)],
    "visits": [(("visit_gap", SPREAD), 0.001, 0.001)],
    "orders": [(("orders",), 1, 1)],
    "rhythm": [(("order_gap", SPREAD), 0.001, 0.001)],
    "prices": [(("price_mass",), POLICY.price.min_mass, 0.001)],
    "searches": [(("specificity_mass",), 0.5, 0.001)],
    "reviews": [(("reviews",), 1, 1)],
    "declared": [(("declared", 1, 1), 7, 7)],
    "cluster": [(("cluster",), 0, 1)],
}
"""By facet: a field, the least value that is enough, and how much less is not."""


def row(**fields: Any) -> Rows:
    rows = blank_rows(1, DIMS)
    for name, value in fields.items():
        rows[name][0] = value
    return rows


def has(rows: Rows) -> set[str]:
    return {name for name, found in zip(NAMES, facets(rows, POLICY)[0].tolist(), strict=True) if found}


def test_a_new_profile_has_no_facet_and_there_is_a_bound_for_each() -> None:
    assert has(row()) == set() and set(ENOUGH) == set(FACETS)


@pytest.mark.parametrize("facet", FACETS)
def test_a_facet_is_there_from_its_bound_on(facet: str) -> None:
    for (name, *place), least, less in ENOUGH[facet]:
        for value, there in ((least, True), (least - less, False), (2 * least + 1, True)):
            rows = row(orders=3 if facet == "rhythm" else 0)
            rows[name][(0, *place)] = value
            assert (facet in has(rows)) is there, (facet, value)


def test_the_rhythm_needs_three_orders() -> None:
    rows = row(orders=2)
    rows["order_gap"][0, SPREAD] = 1.0
    assert has(rows) == {"orders"}
    rows["orders"] = 3
    assert has(rows) == {"orders", "rhythm"}


def declared(attribute: int, value: str, **fields: Any) -> Rows:
    """A profile with one statement, that says the value of the attribute."""
    rows = row(**fields)
    rows["declared"][0, 0] = attribute, digest32(value)
    rows["declared_how"][0, 0] = 1
    return rows


@pytest.mark.parametrize(
    ("value", "agreeing"), [("bargains", {1}), ("value", {1, 2}), ("quality", {2, 3}), ("luxury", {3})]
)
def test_a_price_focus_agrees_with_the_bands_that_are_near_to_it(value: str, agreeing: set[int]) -> None:
    low, high = -2 * POLICY.price.enter, 2 * POLICY.price.enter
    for band, price in ((1, low), (2, 0.0), (3, high)):
        assert agreements(declared(PRICE_FOCUS, value, price_mass=1.0, price=price), POLICY) == [[band in agreeing]]
    assert agreements(declared(PRICE_FOCUS, value, price_mass=0.0, price=low), POLICY) == [[]]


def test_a_part_of_the_day_is_the_one_with_most_activity() -> None:
    hours = np.zeros(24)
    for hour, part in ((0, "night"), (6, "morning"), (12, "afternoon"), (23, "evening")):
        hours[:] = 0.1
        hours[hour] = 5.0
        assert agreements(declared(DAYPART, part, hours_mass=1.0, hours=hours), POLICY) == [[True]], part
        assert agreements(declared(DAYPART, "noon", hours_mass=1.0, hours=hours), POLICY) == [[False]]
        assert agreements(declared(DAYPART, part, hours_mass=0.0, hours=hours), POLICY) == [[]]


def test_days_agree_by_what_is_published_and_nothing_published_is_not_compared() -> None:
    for published, value, found in ((1, "weekday", [True]), (2, "weekend", [True]), (1, "weekend", [False])):
        assert agreements(declared(SHOPPING_DAYS, value, published_days=published), POLICY) == [found]
    assert agreements(declared(SHOPPING_DAYS, "weekday"), POLICY) == [[]]


def test_a_preferred_category_is_looked_for_among_the_three_largest_topics_of_the_long_term() -> None:
    rows = row()
    rows["declared"][0, 0] = PREFERRED_CATEGORY, digest32("vases")
    rows["declared_how"][0, 0] = 1
    assert agreements(rows, POLICY) == [[]]
    rows["mass"][0, LONG] = 1.0
    rows["topic"][0, :5] = [1, 2, 3, digest32("vases"), 5]
    for masses, found in (([5, 4, 3, 2, 1], False), ([5, 4, 2, 3, 1], True), ([1, 1, 1, 9, 1], True)):
        rows["topic_mass"][0, LONG, :5] = masses
        assert agreements(rows, POLICY) == [[found]]


def test_consistency_is_the_mean_of_cosines_of_interests_and_of_agreements() -> None:
    rows = row()
    assert np.isnan(consistencies(rows, POLICY)[0])
    rows["interest"][0, 0, :2] = 3, 4
    assert np.isnan(consistencies(rows, POLICY)[0]), "one vector has nothing to be compared with"
    rows["interest"][0, 1, :2] = 4, 3
    assert consistencies(rows, POLICY)[0] == pytest.approx(0.96)
    rows["interest"][0, 2, :2] = -3, -4
    assert consistencies(rows, POLICY)[0] == pytest.approx(0.96 / 3), "what points elsewhere counts as 0"
    rows["declared"][0, 0], rows["declared_how"][0, 0] = (SHOPPING_DAYS, digest32("weekend")), 1
    rows["published_days"] = 2
    assert consistencies(rows, POLICY)[0] == pytest.approx(1.96 / 4)


@pytest.mark.parametrize("missing", range(3))
def test_a_vector_that_is_missing_is_compared_with_none_of_the_others(missing: int) -> None:
    rows = row()
    one, other = (scale for scale in range(3) if scale != missing)
    rows["interest"][0, one, :2], rows["interest"][0, other, :2] = (3, 4), (4, 3)
    assert consistencies(rows, POLICY)[0] == pytest.approx(0.96)


def test_freshness_halves_with_the_half_life_of_the_week_and_confidence_with_that_of_the_long_term() -> None:
    short_ms, long_ms = (round(1_000 * POLICY.decay.half_life_s[name]) for name in ("short", "long"))
    rows = row(seen_ms=NOON_MS, reviews=1)
    rows["mass"][0, LONG] = POLICY.confidence_mass
    now = quality(rows[0], NOON_MS, POLICY)
    assert (now.freshness, now.confidence, now.consistency) == (1.0, 0.5, None)
    expected = {"reviews"} | ({"interests"} if POLICY.confidence_mass >= POLICY.interests.long.min_mass else set())
    assert now.completeness == round(len(expected) / 11, 3)
    assert quality(rows[0], NOON_MS + short_ms, POLICY).freshness == 0.5
    assert quality(rows[0], NOON_MS + long_ms, POLICY).confidence == pytest.approx(1 / 3, abs=1e-3)
