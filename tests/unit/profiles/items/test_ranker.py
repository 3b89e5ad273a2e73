"""The ranker: learns what is planted, by the gradient that the formula has, and is written down whole."""

import numpy as np
import pytest

from liveprofile.profiles.items.evidence import NAMES
from liveprofile.profiles.items.ranker import START, Ranker, Weights, shipped, written

KINDS, ITEMS = len(NAMES), 40


def drawn(seed: int) -> np.ndarray:
    """Evidence (k, n) that says nothing in particular."""
    return np.random.default_rng(seed).normal(size=(KINDS, ITEMS)).astype(np.float32)


def loss(weights: np.ndarray, values: np.ndarray, chosen: int) -> float:
    """Negative log likelihood of a choice."""
    scores = weights @ values.astype(np.float64)
    return float(np.log(np.exp(scores).sum()) - scores[chosen])


def test_the_gradient_is_that_of_the_negative_log_likelihood() -> None:
    ranker, values, step = Ranker(Weights(dict.fromkeys(NAMES, 0.1))), drawn(1), 1e-5
    numeric = [
        (loss(ranker.weights + by, values, 7) - loss(ranker.weights - by, values, 7)) / (2 * step)
        for by in np.eye(KINDS) * step
    ]
    assert ranker.gradient(values, 7) == pytest.approx(np.array(numeric), abs=1e-4)


def test_a_planted_preference_is_learnt() -> None:
    ranker, draws = Ranker(Weights({})), np.random.default_rng(2)
    truth = np.zeros(KINDS)
    truth[[NAMES.index("words last"), NAMES.index("popular")]] = 2.0, -1.5
    for seed in range(600):
        values = drawn(seed)
        probabilities = np.exp(truth @ values)
        ranker.learn(values, int(draws.choice(ITEMS, p=probabilities / probabilities.sum())))
    assert ranker.weights == pytest.approx(truth, abs=0.35)
    assert ranker.learnt == 600


def test_a_part_that_is_left_out_never_counts() -> None:
    ranker = Ranker(without=frozenset({"words mean"}))
    for seed in range(20):
        ranker.learn(drawn(seed), seed)
    assert ranker.weights[NAMES.index("words mean")] == 0.0
    assert ranker.weights[NAMES.index("text mean")] != START["text mean"]


def test_parts_add_up_to_the_scores() -> None:
    ranker, values = Ranker(), drawn(3)
    assert sum(ranker.parts(values).values()) == pytest.approx(ranker.scores(values), abs=1e-4)


def test_a_ranker_goes_on_from_its_file_as_if_nothing_had_been() -> None:
    one = Ranker()
    for seed in range(10):
        one.learn(drawn(seed), seed)
    other = Ranker.of(written(one.known("ten draws")))
    for ranker in (one, other):
        ranker.learn(drawn(11), 3)
    assert np.array_equal(one.weights, other.weights)
    assert one.learnt == other.learnt == 11


def test_weights_for_something_unknown_are_refused() -> None:
    with pytest.raises(ValueError, match="'horoscope' is none of text mean"):
        Ranker(Weights({"horoscope": 1.0}))


def test_the_shipped_weights_say_what_they_were_learnt_from() -> None:
    assert set(shipped().known("").weights) == set(NAMES)
    assert shipped().learnt > 1_000
