"""Means in int16: unbiased where plain rounding freezes, and untouched by what has no weight."""

import numpy as np
import pytest
from support.activities import DIMS, activity
from support.folding import Shopper

from liveprofile.models.fixed_point import ONE
from liveprofile.profiles.numeric.quantised_mean import DITHER, PATTERNS, blend, pattern_of, shift_shares
from liveprofile.profiles.state.row import SLOT_DIMS


def mean_of(targets: np.ndarray, patterns: np.ndarray) -> np.ndarray:
    """The mean of rows, taken one after the other."""
    mean = np.zeros(targets.shape[1], np.int16)
    for count, (target, pattern) in enumerate(zip(targets, patterns, strict=True), start=1):
        blend(mean, target, 1.0, 1.0 / count, pattern)
    return mean


def test_the_mean_of_twenty_thousand_vectors_converges():
    """With plain rounding it would stay at the 300 of the first half: later moves are below half a step."""
    random = np.random.default_rng(5)
    around = np.repeat([300, -300], 10_000)[:, None]
    targets = (random.normal(0, 100, (20_000, 64)) + around).astype(np.int16)
    patterns = [pattern_of(number) for number in range(len(targets))]
    error = mean_of(targets, np.array(patterns)) - targets.mean(axis=0)
    assert np.abs(error).mean() < 40
    assert abs(error.mean()) < 12


def test_plain_rounding_would_freeze_where_the_dither_arrives():
    start, goal, gain, events = 0, 400, 1 / 4000, 12_000
    plain, dithered, target = float(start), np.full(1, start, np.int16), np.full(1, goal, np.int16)
    for number in range(events):
        plain = float(np.rint(plain + gain * (goal - plain)))
        blend(dithered, target, 1.0, gain, pattern_of(number))
    expected = goal * (1 - (1 - gain) ** events)
    assert plain == start
    assert dithered[0] == pytest.approx(expected, abs=25)


def test_a_gain_of_zero_leaves_large_means_as_they_are():
    mean = np.array([32767, 20_001, -32767, 16_385], np.int16)
    before = mean.copy()
    for number in range(3 * PATTERNS):
        blend(mean, np.zeros(4, np.int16), 1.0, 0.0, pattern_of(number))
    assert mean.tolist() == before.tolist()


def test_the_extremes_do_not_wrap_around():
    mean = np.full(8, 32767, np.int16)
    for number in range(3 * PATTERNS):
        blend(mean, np.full(8, 32767, np.int16), 1.0, 0.1, pattern_of(number))
    assert mean.tolist() == [32767] * 8
    blend(mean, np.full(8, -32768, np.int16), -1.0, 1.0, 0)
    assert mean.tolist() == [32767] * 8
    blend(mean, np.full(8, -32768, np.int16), 1.0, 1.0, 0)
    assert mean.tolist() == [-32767] * 8


def test_each_dimension_sees_every_dither_once_over_all_patterns():
    """Drawn numbers had a mean of 0.503: after 20,000 events the means were off by a thousandth."""
    for dimension in (0, 77, 4095):
        seen = np.sort(DITHER[dimension : dimension + PATTERNS])
        assert seen.tolist() == ((np.arange(PATTERNS) + 0.5) / PATTERNS).tolist()


def test_the_events_of_a_partition_use_all_patterns():
    used = {pattern_of(number) for number in range(10_000)}
    assert used == set(range(PATTERNS))


def test_the_first_vector_is_kept_exactly():
    shopper = Shopper()
    vector = np.linspace(-0.4, 0.4, DIMS)
    shopper.does(activity(vector=vector))
    session, week, long = shopper.row["interest"]
    assert session.tolist() == long.tolist() == np.rint(vector * 32767).astype(int).tolist()
    assert week[:SLOT_DIMS].tolist() == long[:SLOT_DIMS].tolist() and not week[SLOT_DIMS:].any()


def test_over_all_patterns_a_share_moves_as_far_as_its_gain_says_and_the_active_one_up():
    began, gain = np.array([3_000, 20, ONE // 2, 7], np.int16), 0.013
    moved = np.zeros(len(began))
    for pattern in range(PATTERNS):
        shares = began.copy()
        shift_shares(shares, 1, gain, pattern)
        moved += shares - began
    expected = np.float32(gain) * (np.where(np.arange(4) == 1, ONE, 0) - began.astype(np.float64))
    assert np.abs(moved / PATTERNS - expected).max() < 2 / PATTERNS + 1e-4
    assert moved[1] > 0 > max(moved[0], moved[2], moved[3])


def test_over_all_patterns_a_mean_moves_towards_the_vector_or_away_from_it():
    began, target = np.array([3_000, -20, 9_000], np.int16), np.array([-500, 10_000, 9_000], np.int16)
    for sign in (1.0, -1.0):
        moved = np.zeros(len(began))
        for pattern in range(PATTERNS):
            mean = began.copy()
            blend(mean, target, sign, 0.013, pattern)
            moved += mean - began
        expected = np.float32(0.013) * (sign * target.astype(np.float64) - began)
        assert np.abs(moved / PATTERNS - expected).max() < 2 / PATTERNS + 1e-4
