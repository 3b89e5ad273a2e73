"""Pairs part into two sides that share no group and no pair."""

import pytest

from liveprofile.models.errors import ModelError
from liveprofile.models.train.pairs import Pair, split

PAIRS = [Pair(f"query {n % 40}", f"title {n % 70}", f"user {n % 30}") for n in range(300)]


def test_a_group_is_on_one_side_only() -> None:
    parts = split(PAIRS, 0.3, seed=1)
    assert not {pair.group for pair in parts.training} & {pair.group for pair in parts.held_out}


def test_without_groups_an_anchor_is_on_one_side_only() -> None:
    parts = split([Pair(pair.anchor, pair.positive) for pair in PAIRS], 0.3, seed=1)
    assert not {pair.anchor for pair in parts.training} & {pair.anchor for pair in parts.held_out}


def test_no_held_out_pair_is_trained_on_in_either_order() -> None:
    turned = [Pair(pair.positive, pair.anchor, f"other {pair.group}") for pair in PAIRS]
    parts = split(PAIRS + turned, 0.3, seed=1)
    trained = {frozenset((pair.anchor, pair.positive)) for pair in parts.training}
    assert trained and not trained & {frozenset((pair.anchor, pair.positive)) for pair in parts.held_out}


def test_groups_stay_on_their_side_as_others_are_added() -> None:
    more = PAIRS + [Pair("new", f"title {n}", f"new user {n}") for n in range(50)]
    before, after = ({pair.group for pair in split(pairs, 0.3, seed=1).held_out} for pairs in (PAIRS, more))
    assert before == {group for group in after if not group.startswith("new")}


def test_too_few_pairs_are_refused_with_their_number() -> None:
    with pytest.raises(ModelError, match="3 pairs of 1 groups give"):
        split(PAIRS[:1] * 3, 0.5, seed=1)
