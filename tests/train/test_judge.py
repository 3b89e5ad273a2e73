"""A held-out positive's rank counts the texts that are wrongly before it, and none that would be right as well."""

import numpy as np
import pytest

from liveprofile.models.train.judge import Judge, Vectors
from liveprofile.models.train.pairs import Pair, answers

PLACES = {"red": 0.0, "rose": 10.0, "pink": 20.0, "blue": 60.0, "sky": 75.0, "sea": 90.0}
"""Texts on a circle, in degrees."""


def embed(texts: list[str]) -> Vectors:
    angles = np.radians([PLACES[text] for text in texts])
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_ranks_are_places_by_cosine() -> None:
    pairs = [Pair("red", "rose"), Pair("sky", "pink"), Pair("rose", "sea")]
    assert Judge(pairs, answers(pairs)).ranks(embed).tolist() == [1, 2, 2]


def test_another_right_answer_is_not_counted_against_a_text() -> None:
    pairs = [Pair("red", "rose"), Pair("red", "blue"), Pair("sky", "pink")]
    alone = Judge(pairs, {pair.anchor: frozenset({pair.positive}) for pair in pairs})
    assert alone.ranks(embed)[1] == 3
    assert Judge(pairs, answers(pairs)).ranks(embed)[1] == 2
    assert Judge(pairs, answers([*pairs, Pair("red", "pink")])).ranks(embed)[1] == 1


def test_the_anchor_itself_is_no_candidate() -> None:
    pairs = [Pair("red", "rose"), Pair("rose", "red")]
    assert Judge(pairs, answers(pairs)).ranks(embed).tolist() == [1, 1]


def test_texts_that_all_look_alike_get_the_middle_rank() -> None:
    pairs = [Pair("red", "rose"), Pair("sky", "pink"), Pair("sky", "sea")]
    same = Judge(pairs, answers(pairs)).ranks(lambda texts: np.ones((len(texts), 1), np.float32))
    assert same.tolist() == [2, 1.5, 1.5]


def test_pairs_of_unseen_texts_are_told_apart() -> None:
    pairs = [Pair("red", "blue"), Pair("sky", "rose")]
    judge = Judge(pairs, answers(pairs), trained=["blue"])
    figures = judge.figures(judge.ranks(embed))
    assert figures["n"] == 2 and figures["unseen_n"] == 1
    assert figures["unseen_mean_rank"] == pytest.approx(2)


def test_a_gain_is_between_its_ends_and_groups_are_drawn_whole() -> None:
    pairs = [Pair(f"a{n}", f"p{n}", f"user {n % 30}") for n in range(300)]
    judge = Judge(pairs, answers(pairs))
    before, after = np.full(300, 20.0), np.where(np.arange(300) % 30 < 15, 5.0, 20.0)
    mean, low, high = judge.gain(before, after, seed=1)["recall@10"]
    assert mean == pytest.approx(0.5) and 0.25 < low < 0.4 and 0.6 < high < 0.75
    alone = Judge([Pair(pair.anchor, pair.positive) for pair in pairs], answers(pairs))
    _, closer, _ = alone.gain(before, after, seed=1)["recall@10"]
    assert closer > low + 0.05
    assert judge.gain(before, before, seed=1) == {"recall@10": [0, 0, 0], "mrr": [0, 0, 0]}
