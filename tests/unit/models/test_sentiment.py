"""Sentiment: what is learnt from stars, and when it is given to the workers."""

import numpy as np

from liveprofile.models.learners.kind import ExampleKind
from liveprofile.models.learners.sentiment import Sentiment
from liveprofile.profiles.records.training_example import blank_examples

DIMS = 8


def taught(stars: list[int], told_apart: bool = True, seed: int = 1) -> Sentiment:
    random, learner = np.random.default_rng(seed), Sentiment(DIMS)
    rows = blank_examples(ExampleKind.REVIEW, len(stars), DIMS, 0)
    rows["stars"] = stars
    rows["vector"] = random.integers(-9000, 9000, (len(stars), DIMS))
    if told_apart:
        rows["vector"][:, 0] += (rows["stars"].astype(np.int16) - 30) * 400
    for row in rows:
        learner.learn(row, "")
    return learner


def test_words_of_praise_weigh_upwards_and_what_says_nothing_is_near_the_middle() -> None:
    """Also where there is five times as much praise as blame."""
    weights = (taught([50, 50, 50, 50, 50, 10] * 300).adoption() or {})["weights"]
    assert len(weights) == DIMS + 1 and weights[0] > 1.0
    assert abs(weights[-1]) < 0.5


def test_reviews_of_three_stars_teach_nothing() -> None:
    assert taught([30] * 100).events() == []


def test_no_model_is_given_from_one_kind_of_review_alone() -> None:
    assert taught([50] * 500).adoption() is None


def test_a_model_that_cannot_tell_praise_from_blame_is_not_given() -> None:
    assert taught([50, 10] * 300, told_apart=False).adoption() is None
