"""From scores to chances: what is rare is calibrated as finely as what is not."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from liveprofile.models.learners.packed import pack, unpack
from liveprofile.models.learners.scorecard import CURVE
from liveprofile.models.learners.tally import Tally


def tally_of(scores: np.ndarray, probabilities: np.ndarray) -> Tally:
    """A tally of outcomes that happen with these chances."""
    tally, happened = Tally(), np.random.default_rng(2).random(len(scores)) < probabilities
    for score, label in zip(scores.tolist(), happened.tolist(), strict=True):
        tally.add(score, int(label))
    return tally


def test_the_highest_chances_of_what_is_rare_are_told() -> None:
    """Two in a hundred score high, and most of those happen: groups of equal size would mix them with others."""
    scores = np.where(np.arange(6_000) % 50 == 0, 3.0, -3.0)
    curve = tally_of(scores, np.where(scores > 0, 0.8, 0.01)).curve()
    assert np.interp(3.0, curve[:, 0], curve[:, 1]) == pytest.approx(0.8, abs=0.1)
    assert np.interp(-3.0, curve[:, 0], curve[:, 1]) == pytest.approx(0.01, abs=0.01)


def test_a_curve_has_all_its_knots_and_never_falls() -> None:
    scores = np.random.default_rng(1).normal(-2, 2, 4_000)
    curve = tally_of(scores, 1 / (1 + np.exp(-scores))).curve()
    assert curve.shape == (CURVE, 3)
    assert (np.diff(curve[:, 0]) > 0).all() and (np.diff(curve[:, 1]) >= 0).all()
    assert np.interp(scores, curve[:, 0], curve[:, 1]) == pytest.approx(1 / (1 + np.exp(-scores)), abs=0.15)


def test_nothing_is_told_as_certain_however_high_the_score() -> None:
    scores = np.repeat([-9.0, 9.0], 3_000)
    packed = unpack(pack(tally_of(scores, (scores > 0).astype(float)).curve()), (CURVE, 3))
    assert (packed[:, 1] > 0).all() and (packed[:, 1] < 1).all()


def test_outcomes_of_one_kind_alone_give_a_curve_too() -> None:
    curve = tally_of(np.linspace(-1, 1, 300), np.zeros(300)).curve()
    assert curve.shape == (CURVE, 3) and (curve[curve[:, 0] <= 1, 1] < 0.1).all()


def test_a_few_outcomes_do_not_level_the_ranks_of_scores() -> None:
    """On 370 sessions, 14 of them bought in, steps of chance ranked worse than a coin (REES46, two hours)."""
    scores = np.append(np.linspace(-4, -3, 356), np.linspace(-3.5, -1, 14))
    tally = Tally()
    for score, label in zip(scores.tolist(), [0] * 356 + [1] * 14, strict=True):
        tally.add(score, label)
    curve = tally.curve()
    labels, probabilities = [0] * 356 + [1] * 14, np.interp(scores, curve[:, 0], curve[:, 1])
    assert roc_auc_score(labels, probabilities) > roc_auc_score(labels, scores) - 0.01
    assert (
        np.interp(2.0, curve[:, 0], curve[:, 1])
        > np.interp(-1.0, curve[:, 0], curve[:, 1])
        > 14 / 370
        > probabilities[0]
    )


def test_many_outcomes_bend_the_curve_away_from_the_line() -> None:
    scores = np.random.default_rng(3).normal(0, 2, 20_000)
    curve = tally_of(scores, np.where(scores > 0, 0.6, 0.4)).curve()
    assert np.interp([-2.0, 2.0], curve[:, 0], curve[:, 1]) == pytest.approx([0.4, 0.6], abs=0.05)
