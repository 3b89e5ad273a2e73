"""Pairs: which items a shopper's actions tie together, and how strongly."""

from typing import Any

import numpy as np
import pytest
from support.activities import DIMS, NOON_MS, activity
from support.folding import Shopper

from liveprofile.profiles.items.co_occurrence import MOST_PER_EVENT, PAIR
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import Action, decode_heads

POLICY = Policy(dims=DIMS).changed({"decay.pair_half_life_s": 86_400.0})
DAY_S = 86_400


class Browser(Shopper):
    """A shopper whose activities have items; `pairs` are those of the last one."""

    def __init__(self) -> None:
        super().__init__(POLICY)
        self._events = 0

    def meets(self, item: int, action: Action = Action.VIEW, at_s: float = 0.0) -> list[dict[str, Any]]:
        """One activity, and the pairs that it gives."""
        self._events += 1
        record = bytearray(activity(action, at_s=at_s, offset=self._events))
        head = decode_heads([bytes(record)], DIMS)
        head["item"] = item
        record[: head.itemsize] = head.tobytes()
        found = np.concatenate([*self.does(bytes(record)).pairs, np.zeros(0, PAIR)])
        return [dict(zip(PAIR.names or (), one, strict=True)) for one in found.tolist()]


def ties(pairs: list[dict[str, Any]]) -> set[tuple[int, int, int]]:
    """Item, other, and whether the other came after."""
    return {(one["item"], one["other"], one["after"]) for one in pairs if one["other"]}


def test_an_item_is_paired_with_the_others_before_it_and_both_are_told() -> None:
    shopper = Browser()
    shopper.meets(1)
    shopper.meets(2, at_s=10)
    assert ties(shopper.meets(3, at_s=20)) == {(3, 2, 0), (2, 3, 1), (3, 1, 0), (1, 3, 1)}


def test_every_activity_makes_its_item_popular_by_its_weight() -> None:
    found = Browser().meets(1, Action.CART)
    assert [(one["item"], one["other"], one["weight"], one["time_ms"]) for one in found] == [(1, 0, 3.0, NOON_MS)]


def test_a_pair_weighs_less_the_further_apart_its_items_are() -> None:
    shopper = Browser()
    shopper.meets(1)
    shopper.meets(2)
    weights = {one["other"]: one["weight"] for one in shopper.meets(3, at_s=DAY_S) if one["item"] == 3}
    assert weights == {0: 1.0, 2: pytest.approx(0.5), 1: pytest.approx(0.25)}


def test_a_pair_weighs_what_its_weaker_action_does() -> None:
    shopper = Browser()
    shopper.meets(1, Action.CART)
    assert [one["weight"] for one in shopper.meets(2, Action.PURCHASE) if one["other"]] == [3.0, 3.0]


def test_a_page_that_is_reloaded_ties_nothing_more() -> None:
    shopper = Browser()
    shopper.meets(1)
    shopper.meets(2)
    assert ties(shopper.meets(2)) == set()


def test_buying_what_was_looked_at_ties_it_again() -> None:
    shopper = Browser()
    shopper.meets(1)
    shopper.meets(2)
    assert ties(shopper.meets(2, Action.PURCHASE)) == {(2, 1, 0), (1, 2, 1)}


@pytest.mark.parametrize("action", [Action.DISMISS, Action.UNCART, Action.REFUND])
def test_what_speaks_against_an_item_ties_nothing(action: Action) -> None:
    shopper = Browser()
    shopper.meets(1)
    assert shopper.meets(2, action) == []
    assert ties(shopper.meets(3)) == {(3, 1, 0), (1, 3, 1)}


def test_what_is_late_comes_before_what_it_finds() -> None:
    shopper = Browser()
    shopper.meets(1)
    assert ties(shopper.meets(2, at_s=-600)) == {(2, 1, 1), (1, 2, 0)}


def test_no_activity_gives_more_pairs_than_there_is_room_for() -> None:
    shopper = Browser()
    most = max(len(shopper.meets(item)) for item in range(1, 20))
    assert most == MOST_PER_EVENT
