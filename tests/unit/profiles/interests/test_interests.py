"""Interests: what speaks for and against them, and which names a table of six keeps."""

import numpy as np
import pytest
from support.activities import BRANDS, TOPICS, activity, direction
from support.folding import POLICY, Shopper

from liveprofile.profiles.records.activity import Action, digest32


def topics_of(shopper: Shopper, scale: int = 0) -> dict[int, float]:
    row = shopper.row
    return {
        digest: mass
        for digest, mass in zip(row["topic"].tolist(), row["topic_mass"][scale].tolist(), strict=True)
        if digest
    }


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def test_a_purchase_outweighs_views():
    shopper = Shopper()
    shopper.does(
        *(activity(topic=TOPICS[0], offset=at) for at in range(3)), activity(Action.PURCHASE, topic=TOPICS[1], offset=3)
    )
    mean = shopper.row["interest"][2].astype(float)
    assert cosine(mean, direction(TOPICS[1])) > cosine(mean, direction(TOPICS[0])) > 0


def test_dismissing_turns_away():
    shopper = Shopper()
    shopper.does(activity(topic=TOPICS[0]), activity(topic=TOPICS[1], offset=1))
    before = cosine(shopper.row["interest"][2].astype(float), direction(TOPICS[1]))
    shopper.does(activity(Action.DISMISS, topic=TOPICS[1], offset=2))
    assert cosine(shopper.row["interest"][2].astype(float), direction(TOPICS[1])) < before
    assert topics_of(shopper)[digest32(TOPICS[1])] == 0.0


def test_a_negative_action_on_something_unknown_is_not_entered():
    shopper = Shopper()
    shopper.does(activity(Action.REFUND, topic=TOPICS[0], brand=BRANDS[0]))
    assert topics_of(shopper) == {} and not shopper.row["brand"].any()
    assert shopper.row["mass"][2] == pytest.approx(4.0)


def test_weights_never_fall_below_zero():
    shopper = Shopper()
    shopper.does(activity(), *(activity(Action.REFUND, offset=1 + at) for at in range(5)))
    assert (shopper.row["topic_mass"] >= 0).all()


def test_an_event_without_a_topic_changes_no_table():
    shopper = Shopper()
    shopper.does(activity(topic=None), activity(topic=None, offset=1))
    assert topics_of(shopper) == {} and not shopper.row["topic_mass"].any() and not shopper.row["mass"].any()


def test_the_seventh_topic_takes_the_place_of_the_lightest():
    shopper = Shopper()
    weights = [3, 2, 4, 1, 5, 6]
    records = [topic for topic, times in zip(TOPICS, weights, strict=False) for _ in range(times)]
    shopper.does(*(activity(topic=topic, offset=at) for at, topic in enumerate(records)))
    shopper.does(activity(topic=TOPICS[6], offset=100))
    kept = topics_of(shopper)
    assert set(kept) == {digest32(topic) for at, topic in enumerate(TOPICS) if at != 3}
    assert kept[digest32(TOPICS[6])] == pytest.approx(1.0)


def test_old_history_that_arrives_late_does_not_displace_what_is_known():
    """It used to: a backfilled year took the places of six real topics, with no weight of its own."""
    shopper = Shopper()
    records = [activity(topic=TOPICS[at % 6], brand=BRANDS[at % 4], offset=at) for at in range(18)]
    shopper.does(*records)
    before = shopper.row["topic"].tolist(), shopper.row["brand"].tolist()
    shopper.does(activity(topic=TOPICS[6], brand="Oldman", at_s=-365 * 86400, offset=50))
    assert (shopper.row["topic"].tolist(), shopper.row["brand"].tolist()) == before


def test_a_late_event_weighs_what_is_left_of_it():
    shopper = Shopper()
    shopper.does(activity(topic=None), activity(at_s=-7 * 86400, offset=1))
    assert shopper.row["mass"][1] == pytest.approx(0.5)
    assert topics_of(shopper, 1)[digest32(TOPICS[0])] == pytest.approx(0.5)


def test_each_scale_forgets_at_its_own_pace():
    shopper = Shopper()
    shopper.does(activity(Action.PURCHASE), activity(topic=None, at_s=7 * 86400, offset=1))
    left = shopper.row["mass"] / POLICY.rules.action_weights[Action.PURCHASE]
    assert left.tolist() == pytest.approx([2.0 ** (-7 * 48), 0.5, 2.0 ** (-7 / 60)], rel=1e-4)
