"""Slots: a shopper's interests kept apart, and what is said of them."""

from typing import Any

import numpy as np
import pytest
from support.activities import DIMS, TOPICS, activity, direction

from liveprofile.profiles.interests.detect_slots import intent_confidence
from liveprofile.profiles.interests.slots import CENTRE_ONE, cosine_to, pull, update_slots
from liveprofile.profiles.kernel.policy import Policy, Slots
from liveprofile.profiles.numeric.quantised_mean import DITHER
from liveprofile.profiles.records.activity import VECTOR_ONE, Action, decode_heads, digest32
from liveprofile.profiles.state.row import SLOT_DIMS, SLOTS, blank_rows

POLICY = Policy(dims=DIMS, slots=Slots(join=0.45, topic_bonus=0.2, merge=0.6))
ONES = np.ones(4)


def near(topic: str, seed: int, noise: float = 0.5) -> np.ndarray[Any, Any]:
    """A unit vector somewhere around a topic's direction."""
    vector = direction(topic) + noise * direction(f"noise {seed}")
    return vector / np.linalg.norm(vector)


class Interests:
    """One row, told of actions one by one."""

    def __init__(self, policy: Policy = POLICY) -> None:
        self.rows = blank_rows(1, DIMS)
        self.row = self.rows[0]
        self._rules = policy.rules
        self._count = 0

    def does(
        self,
        topic: str,
        action: Action = Action.VIEW,
        *,
        item: int = 0,
        vector: np.ndarray[Any, Any] | None = None,
        named: bool = True,
        keep: float = 1.0,
        fresh: float = 1.0,
    ) -> None:
        """An action on a topic, `keep` and `fresh` being the decay on both sides."""
        self._count += 1
        towards = near(topic, self._count) if vector is None else vector
        record = activity(action, topic=topic if named else None, vector=towards, offset=self._count)
        event = decode_heads([record], DIMS)
        event["item"] = item
        weight = self._rules.action_weights[action]
        update_slots(self.row, event[0], weight, self._rules, keep * ONES, fresh * ONES)

    def open(self) -> dict[int, float]:
        """Topic and weight of the slots that are taken."""
        taken = self.row["slot_mass"] > 0
        return dict(zip(self.row["slot_topic"][taken].tolist(), self.row["slot_mass"][taken].tolist(), strict=True))


def test_interests_that_point_elsewhere_get_slots_of_their_own() -> None:
    shopper = Interests()
    for _ in range(10):
        shopper.does(TOPICS[0])
        shopper.does(TOPICS[1], Action.CART)
    assert shopper.open() == {digest32(TOPICS[0]): 10.0, digest32(TOPICS[1]): 30.0}


def test_no_more_slots_are_opened_than_the_policy_allows() -> None:
    """The lightest one makes room, and one slot follows whatever came last."""
    for most in (1, 3):
        shopper = Interests(POLICY.changed({"slots.most": most}))
        for times, topic in enumerate(TOPICS, start=1):
            for _ in range(times):
                shopper.does(topic)
        assert (shopper.row["slot_mass"] > 0).sum() == min(most, len(TOPICS))
    with pytest.raises(ValueError, match=r"slots\.most is 7: must be 1 to 6"):
        Policy().changed({"slots.most": 7})


def test_a_centre_lies_where_its_actions_point() -> None:
    """Rounding to a byte a thousand times over leaves it there."""
    shopper = Interests()
    for _ in range(2_000):
        shopper.does(TOPICS[0])
    target = np.rint(direction(TOPICS[0]) * VECTOR_ONE).astype(np.int16)
    assert cosine_to(shopper.row["slot"][0], target) > 0.95


def test_rounding_leaves_a_centre_without_bias() -> None:
    """Over all dither patterns a small move is right on average, though a byte cannot hold it."""
    target = np.zeros(SLOT_DIMS, np.int16)
    target[:] = VECTOR_ONE // 2
    moved = np.zeros(SLOT_DIMS)
    patterns = 1024
    for pattern in range(patterns):
        centre = np.full(SLOT_DIMS, 10, np.int8)
        pull(centre, target, 0.01, pattern)
        moved += centre - 10.0
    expected = 0.01 * (VECTOR_ONE // 2 / VECTOR_ONE * CENTRE_ONE - 10)
    assert len(DITHER) >= patterns + SLOT_DIMS
    assert moved / patterns == pytest.approx(np.full(SLOT_DIMS, expected), abs=0.01)


def test_what_is_called_the_same_joins_from_further_away() -> None:
    """A cosine of 0.3 is too little alone, and enough within the slot's topic."""
    far = np.zeros(DIMS)
    far[0], far[1] = 0.3, np.sqrt(1 - 0.09)
    first = np.eye(DIMS)[0]
    named, unnamed = Interests(), Interests()
    for shopper, is_named in ((named, True), (unnamed, False)):
        shopper.does(TOPICS[0], vector=first)
        shopper.does(TOPICS[0], vector=far, named=is_named)
    assert (named.row["slot_mass"] > 0).sum() == 1
    assert (unnamed.row["slot_mass"] > 0).sum() == 2


def test_the_representative_is_the_item_nearest_to_the_centre() -> None:
    shopper = Interests()
    for item in range(1, 40):
        shopper.does(TOPICS[0], item=item, vector=near(TOPICS[0], item, noise=1.0))
    shopper.does(TOPICS[0], item=99, vector=direction(TOPICS[0]))
    shopper.does(TOPICS[0], item=100, vector=near(TOPICS[0], 100, noise=1.0))
    assert shopper.row["slot_item"][0] == 99


def test_a_search_opens_a_slot_that_waits_for_an_item() -> None:
    shopper = Interests()
    shopper.does(TOPICS[0], Action.SEARCH)
    assert shopper.row["slot_item"][0] == 0
    shopper.does(TOPICS[0], item=7)
    assert shopper.row["slot_item"][0] == 7


def test_what_speaks_against_an_interest_weakens_its_slot_until_it_is_free() -> None:
    shopper = Interests()
    for _ in range(3):
        shopper.does(TOPICS[0])
    shopper.does(TOPICS[0], Action.DISMISS)
    assert shopper.open() == {digest32(TOPICS[0]): 1.5}
    shopper.does(TOPICS[0], Action.REFUND)
    assert shopper.open() == {}
    assert not shopper.row["slot"].any()


def test_what_speaks_against_something_unknown_opens_nothing() -> None:
    shopper = Interests()
    shopper.does(TOPICS[0], Action.DISMISS)
    assert shopper.open() == {}


def test_what_is_said_of_a_review_opens_nothing() -> None:
    """Its text is about how something was, not about what is wanted."""
    shopper = Interests()
    shopper.does(TOPICS[0], Action.REVIEW)
    assert shopper.open() == {}


def test_a_seventh_interest_pushes_the_lightest_out() -> None:
    shopper = Interests()
    for place in range(SLOTS):
        shopper.does(f"topic {place}", Action.VIEW if place == 3 else Action.CART)
    shopper.does("another")
    assert digest32("topic 3") not in shopper.open()
    assert digest32("another") in shopper.open()


def test_two_slots_that_came_close_become_one_before_any_is_pushed_out() -> None:
    shopper = Interests()
    for place in range(SLOTS - 1):
        shopper.does(f"topic {place}", Action.CART)
    axis, drift = np.eye(DIMS)[0], np.eye(DIMS)[1]
    shopper.does("a", vector=axis, named=False)
    shopper.row["slot"][SLOTS - 1] = 0
    shopper.row["slot"][SLOTS - 1, :2] = 60, 60
    shopper.row["slot"][0] = 0
    shopper.row["slot"][0, :2] = 60, 50
    shopper.does("another", vector=-drift)
    masses = shopper.open()
    assert masses[digest32("topic 0")] == 4.0
    assert len(masses) == SLOTS


def test_late_history_does_not_push_out_what_is_known() -> None:
    shopper = Interests()
    for place in range(SLOTS):
        shopper.does(f"topic {place}", Action.CART)
    before = shopper.rows.copy()
    shopper.does("long ago", fresh=0.01)
    assert np.array_equal(before, shopper.rows)


def test_slots_fade_with_time() -> None:
    shopper = Interests()
    shopper.does(TOPICS[0], Action.CART)
    shopper.does(TOPICS[1], keep=0.5)
    assert shopper.open()[digest32(TOPICS[0])] == 1.5


def test_numbers_of_slots_are_never_those_of_others() -> None:
    shopper = Interests()
    for place in range(600):
        shopper.does(f"topic {place}")
        numbers = shopper.row["slot_number"][shopper.row["slot_mass"] > 0].tolist()
        assert len(set(numbers)) == len(numbers)
        assert 0 not in numbers


def test_intent_is_sure_where_topic_and_direction_agree() -> None:
    row = blank_rows(1, DIMS)[0]
    row["topic"][0], row["topic_mass"][0, 0], row["mass"][0] = 5, 8.0, 10.0
    row["interest"][0] = np.rint(direction(TOPICS[0]) * VECTOR_ONE * 0.8)
    assert intent_confidence(row, 5) == pytest.approx(np.sqrt(0.8 * 0.8), abs=0.01)
    assert intent_confidence(row, 6) == 0.0
    row["interest"][0] //= 4
    assert intent_confidence(row, 5) == pytest.approx(np.sqrt(0.8 * 0.2), abs=0.01)
