"""The Bayesian regression: what a batch would find, step by step."""

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from liveprofile.models.learners.bayes import BEND, BENDS, Bayes
from liveprofile.models.learners.scorecard import ScorecardLayout
from liveprofile.models.learners.splines import Basis

LAYOUT = ScorecardLayout(tuple(f"input {number}" for number in range(26)), (("input 3", "input 9"),))
BASIS = Basis(LAYOUT)


def outcomes(count: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Inputs, and outcomes that depend on two of them, on one with a bend."""
    random = np.random.default_rng(seed)
    inputs = random.uniform(0, 12, (count, len(LAYOUT.inputs)))
    score = np.abs(inputs[:, 3] - 6) - 3 + 0.3 * (inputs[:, 9] - 6)
    return inputs, random.random(count) < 1 / (1 + np.exp(-score))


def taught(count: int, **options: Any) -> Bayes:
    learner = Bayes(LAYOUT, **options)
    for inputs, label in zip(*outcomes(count), strict=True):
        learner.learn(BASIS.given(inputs), int(label), 1.0)
    return learner


def scores(learner: Bayes, inputs: np.ndarray) -> np.ndarray:
    return np.array([learner.score(BASIS.given(one)) for one in inputs])


def bent(inputs: np.ndarray) -> np.ndarray:
    """Hat functions at the bends, (n, len(LAYOUT.inputs) * BENDS)."""
    hats = np.maximum(0, 1 - np.abs(inputs[:, :, None] / BEND - np.arange(BENDS)))
    return hats.reshape(len(inputs), -1)


def test_it_finds_what_a_batch_with_the_same_prior_finds() -> None:
    inputs, labels = outcomes(1_500)
    batch = LogisticRegression(C=0.05, max_iter=2_000).fit(bent(inputs), labels)
    asked, _ = outcomes(300, seed=2)
    ours = scores(taught(1_500, variance=0.05, keep=1.0), asked)
    theirs = batch.decision_function(bent(asked))
    assert np.corrcoef(ours, theirs)[0, 1] > 0.99
    assert np.abs(ours - theirs).mean() < 0.15


def test_it_follows_a_world_that_has_turned_round_and_the_faster_the_less_it_keeps() -> None:
    slow, quick = taught(2_000, keep=1.0), taught(2_000, keep=0.98)
    inputs, labels = outcomes(1_000, seed=3)
    for one, label in zip(inputs, ~labels, strict=True):
        slow.learn(BASIS.given(one), int(label), 1.0)
        quick.learn(BASIS.given(one), int(label), 1.0)
    asked, was = outcomes(500, seed=4)
    right = [np.mean((scores(learner, asked) > 0) != was) for learner in (slow, quick)]
    assert right[1] > 0.58 > right[0] + 0.1


def test_its_scorecard_says_what_it_says() -> None:
    learner, (asked, _) = taught(500), outcomes(20, seed=5)
    bias, tables, pairs = learner.card()
    for one in asked:
        table = bias + sum(np.interp(value, np.arange(13), line) for value, line in zip(one, tables, strict=True))
        assert learner.score(BASIS.given(one)) == pytest.approx(table)
    assert not pairs.any()


def test_it_stays_a_distribution_however_much_it_has_seen() -> None:
    learner = taught(5_000)
    half = learner._covariance
    whole = np.tril(half) + np.tril(half, -1).T
    assert np.linalg.eigvalsh(whole).min() > 0
