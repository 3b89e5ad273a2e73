"""BG/NBD expects of shoppers who behave as it supposes what they then do."""

import numpy as np
import pytest

from liveprofile.streams.backtest.churn.bg_nbd import BgNbd, Histories

SHOP = BgNbd(0.6, 5.0, 0.8, 2.5)
"""Purchases a week."""


def drawn(count: int, later: float) -> tuple[Histories, np.ndarray]:
    """Shoppers as the model supposes them, up to some week, and how often each of them buys in the time after it."""
    random = np.random.default_rng(1)
    rates, odds = random.gamma(SHOP.r, 1 / SHOP.alpha, count), random.beta(SHOP.a, SHOP.b, count)
    ages, rows = random.uniform(20, 40, count), []
    for rate, leaves, age in zip(rates, odds, ages, strict=True):
        times, now, stays = [], 0.0, True
        while stays and now < age + later:
            now += random.exponential(1 / rate)
            times.append(now)
            stays = random.random() > leaves
        before = [time for time in times if time <= age]
        after = sum(age < time <= age + later for time in times)
        rows.append((len(before), before[-1] if before else 0.0, age, after))
    repeats, last, age, after = np.array(rows, dtype=float).T
    return Histories(repeats, last, age), after


def test_what_is_expected_of_drawn_shoppers_comes_to_be() -> None:
    histories, after = drawn(6_000, later=13.0)
    model = BgNbd.fit(histories)
    expected = model.expected(histories, 13.0)
    assert (model.r, model.alpha) == pytest.approx((SHOP.r, SHOP.alpha), rel=0.15)
    assert expected.mean() == pytest.approx(after.mean(), rel=0.05)
    for low, high in ((0, 0), (1, 2), (3, 9)):
        some = (histories.repeats >= low) & (histories.repeats <= high)
        assert expected[some].mean() == pytest.approx(after[some].mean(), rel=0.12)


def test_the_longer_the_silence_the_less_is_expected_of_who_bought_often() -> None:
    silences = Histories(np.full(4, 8.0), np.array([38.0, 30.0, 20.0, 10.0]), np.full(4, 39.0))
    assert np.all(np.diff(SHOP.expected(silences, 13.0)) < 0)
    assert SHOP.expected(silences, 26.0)[0] < 2 * SHOP.expected(silences, 13.0)[0]


def test_a_penalty_makes_parameters_smaller_and_the_unit_of_time_changes_none_but_alpha() -> None:
    weeks, _ = drawn(1_000, later=1.0)
    days = Histories(weeks.repeats, weeks.last * 7, weeks.age * 7)
    plain, penalised, daily = BgNbd.fit(weeks), BgNbd.fit(weeks, 0.05), BgNbd.fit(days, 0.05)
    assert sum(penalised[2:]) < sum(plain[2:])
    assert (daily.r, daily.alpha / 7, daily.a, daily.b) == pytest.approx(tuple(penalised), rel=1e-3)
