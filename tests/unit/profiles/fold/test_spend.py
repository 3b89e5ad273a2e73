"""Spend: totals, what is usual, and an order far above it."""

import numpy as np
import pytest
from support.activities import DIMS, activity, tick
from support.folding import USER, Shopper

from liveprofile.profiles.kernel.order_values import Population
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import Action


def purchase(total: float, offset: int, at_s: float | None = None) -> bytes:
    return activity(
        Action.PURCHASE, total=total, offset=offset, at_s=3600 * offset if at_s is None else at_s, topic=None
    )


def regular(totals: tuple[float, ...] = (38, 42, 40, 45, 36, 41, 39, 43)) -> Shopper:
    """A shopper of small orders."""
    shopper = Shopper()
    shopper.does(*(purchase(total, at) for at, total in enumerate(totals)))
    return shopper


def test_an_order_of_thirty_times_the_usual_is_raised_and_says_what_was_usual():
    shopper = regular()
    shopper.does(purchase(1_200, 8))
    (raised,) = shopper.anomalies
    assert (raised.kind, raised.state, raised.serial) == ("spend", "raised", 1)
    assert raised.contributions["order"] == 1200.0
    assert raised.contributions["usual_order"] == pytest.approx(40, rel=0.1), "before this order, not after it"
    octaves = np.log2(1200 / raised.contributions["usual_order"])
    assert raised.score == pytest.approx(np.sqrt(raised.contributions["robust_z"] * octaves), abs=1e-3)
    assert "1200.00" in raised.reading and 50 <= raised.severity <= 100


def test_a_somewhat_larger_order_is_nothing_to_speak_of():
    shopper = regular()
    shopper.does(purchase(90, 8))
    assert shopper.anomalies == []


def test_a_spend_anomaly_fades_and_is_cleared_by_a_later_event():
    shopper = regular()
    shopper.does(purchase(1_200, 8), activity(at_s=9 * 3600, offset=9), activity(at_s=14 * 3600, offset=10))
    assert shopper.steps("spend") == ["raised", "cleared"]
    assert len({one.anomaly_id for one in shopper.anomalies}) == 1


def test_a_spend_anomaly_is_cleared_by_a_tick():
    shopper = regular()
    shopper.does(purchase(1_200, 8), tick(8 * 3600 + 60))
    assert shopper.steps("spend") == ["raised"]
    shopper.does(tick(14 * 3600))
    assert shopper.steps("spend") == ["raised", "cleared"]


def test_one_outlier_hardly_moves_what_is_usual():
    shopper = regular()
    before = float(shopper.row["order_location"])
    shopper.does(purchase(4_000, 8))
    assert 0 < shopper.row["order_location"] - before < 0.3


def test_orders_without_an_amount_teach_nothing():
    """They used to teach that an order of one cent is usual."""
    shopper = Shopper()
    shopper.does(purchase(0, 0), purchase(0, 1), purchase(40, 2))
    assert shopper.row["orders"] == 3
    assert shopper.row["order_location"] == pytest.approx(np.log2(4_000), abs=0.2)
    assert shopper.anomalies == []


def test_a_refund_takes_from_the_recent_spend_but_not_below_zero():
    shopper = Shopper()
    shopper.does(purchase(100, 0), activity(Action.REFUND, total=30, at_s=1, offset=1))
    assert shopper.row["spend_recent"] == pytest.approx(7_000, rel=1e-3)
    shopper.does(activity(Action.REFUND, total=500, at_s=2, offset=2))
    row = shopper.row
    assert (row["spend_recent"], row["spent"], row["refunded"], row["refunds"]) == (0, 10_000, 53_000, 2)


def test_totals_stop_instead_of_overflowing():
    shopper = Shopper()
    shopper.does(*(purchase(1e13, at) for at in range(6_000)))
    assert shopper.row["spent"] == 1 << 62
    assert np.isfinite(shopper.row["spend_recent"])


def test_the_prior_is_the_population_and_changes_only_at_ticks():
    shopper = Shopper(Policy(dims=DIMS))
    shopper.does(*(purchase(1_000, at) for at in range(60)))
    population = shopper.fold.cursor.population
    assert population.location == 12.0
    shopper.does(tick(10))
    assert population.location == pytest.approx(np.log2(100_000), abs=0.2)
    assert shopper.fold.table.keys == [USER], "a tick makes no profile"


def test_a_population_of_few_orders_keeps_the_first_guess():
    population = Population()
    population.count(np.full(49, 100_000))
    population.refresh()
    assert (population.location, population.spread) == (12.0, 1.5)


def test_a_population_survives_its_state_exactly():
    population = Population()
    population.count(np.array([0, 1, 5_000, 7_000, 10**12] * 20))
    population.refresh()
    restored = Population.from_state(population.to_state())
    assert (restored.location, restored.spread) == (population.location, population.spread)
    assert restored.counts.tolist() == population.counts.tolist()
