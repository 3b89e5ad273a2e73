"""Valid but hostile activities: huge orders, times from 1970 to the far future, one shopper with all the traffic."""

import numpy as np
import pytest
from support.activities import DIMS, NOON_MS, TOPICS, activity, tick
from support.folding import POLICY, USER, Shopper

from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.records.activity import Action, decode_heads, encode, head_dtype

SIGNED = (
    "anomaly_score",
    "anomaly_max_scores",
    "order_location",
    "order_gap",
    "visit_gap",
    "slot_near",
    "price",
    "sentiment",
)
"""Logarithms, cosines and deviations."""


def numbers(row: np.void) -> dict[str, np.ndarray]:
    return {name: np.atleast_1d(row[name]) for name in row.dtype.names or ()}


def assert_sound(shopper: Shopper) -> None:
    """Nothing is infinite, not a number, or wrapped around."""
    for name, values in numbers(shopper.row).items():
        if values.dtype.kind == "f":
            assert np.isfinite(values).all(), name
        if values.dtype.kind == "f" and name not in SIGNED:
            assert (values >= 0).all(), name
    assert (shopper.row["interest"] >= -32767).all()
    assert shopper.row["spent"] >= 0
    assert shopper.snapshot.profile_id == USER.decode()


@pytest.mark.parametrize("at_s", [-NOON_MS / 1000, -NOON_MS / 1000 + 1, 3e9, 2e11])
def test_times_from_1970_to_the_year_8000(at_s):
    shopper = Shopper()
    for step in range(30):
        shopper.does(activity(Action(step % len(Action)), at_s=at_s + step, offset=step, total=10.0))
    shopper.does(tick(at_s + 10_000))
    assert_sound(shopper)
    assert len({record.version for record in shopper.published}) == len(shopper.published)


def test_a_burst_at_the_beginning_of_time_is_raised_once():
    """The second 0 stands for closed: it used to raise the same anomaly with each event."""
    shopper = Shopper()
    shopper.does(*(activity(at_s=-NOON_MS / 1000 + at / 1000, offset=at, topic=None) for at in range(200)))
    assert shopper.steps("velocity").count("raised") == 1


def test_after_2106_intervals_still_hold():
    shopper = Shopper()
    shopper.does(*(activity(topic=TOPICS[at // 3 % 6], at_s=3e9 + at, offset=at) for at in range(300)))
    assert len(shopper.published) <= 30


def test_jumping_between_past_and_future_stays_sound():
    shopper, random = Shopper(), np.random.default_rng(4)
    for at in range(400):
        action, when = Action(int(random.integers(len(Action)))), float(random.uniform(-8e8, 2e11))
        shopper.does(activity(action, at_s=when, topic=TOPICS[at % 7], offset=at, total=float(random.uniform(0, 1e10))))
    assert_sound(shopper)


def test_orders_of_a_trillion_stay_sound():
    shopper = Shopper()
    for at in range(50):
        shopper.does(activity(Action.PURCHASE if at % 3 else Action.REFUND, total=1e10, at_s=at, offset=at))
    assert_sound(shopper)
    assert shopper.row["spent"] == 33 * 10**12


def test_vectors_of_the_largest_numbers_stay_sound():
    shopper, full = Shopper(), np.full(DIMS, 32767)
    for at in range(300):
        head = decode_heads([activity(Action(at % len(Action)), offset=at, at_s=at)], DIMS).copy()
        head["vector"] = full if at % 3 else -full - 1
        shopper.does(encode(head))
    assert_sound(shopper)


def test_a_hundred_thousand_events_of_one_shopper():
    head = decode_heads([activity()], DIMS)[0]
    heads = np.full(100_000, head, dtype=head_dtype(DIMS))
    heads["source"] = np.arange(len(heads))
    heads["event_time_ms"] += np.arange(len(heads)) * 7
    heads["action"] = np.arange(len(heads)) % 8
    shopper = Shopper()
    size, data = head_dtype(DIMS).itemsize, heads.tobytes()
    result = shopper.does(*(data[at : at + size] for at in range(0, len(data), size)))
    assert result.applied == 100_000
    assert len(result.changes) < 50
    assert shopper.row["session_events"] == 65_535, "it stops there"
    assert_sound(shopper)


def test_more_facts_than_the_notes_hold_are_all_said():
    count = 6_000
    keys = [b"%032x" % at for at in range(count) for _ in range(3)]
    records = [activity(Action.PURCHASE, offset=at, at_s=at, total=9.0) for at in range(3 * count)]
    fold = Fold(POLICY)
    result = fold.apply(keys, records, range(len(keys)))
    assert result.applied == 3 * count
    assert {fact.record.profile_id.encode() for fact in result.changes} == set(keys)
    assert len(result.examples) == len(result.changes)
    offsets = [fact.activity_offset for fact in result.changes]
    assert offsets == sorted(offsets)
