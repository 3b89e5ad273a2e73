"""Ids follow their clusters."""

import numpy as np

from liveprofile.models.clusterers.stable_ids import StableIds, cosines


def follow(stable: StableIds, rows: list[list[int]]) -> dict[int, list[int]]:
    stable.follow(np.array(rows, dtype=np.int16).reshape(-1, 2))
    return dict(zip(stable.ids.tolist(), stable.centres.tolist(), strict=True))


def test_ids_follow_centres_that_moved_and_changed_places() -> None:
    stable = StableIds(2)
    assert follow(stable, [[100, 0], [0, 100]]) == {0: [100, 0], 1: [0, 100]}
    assert follow(stable, [[10, 90], [90, 10]]) == {0: [90, 10], 1: [10, 90]}


def test_a_centre_that_turned_too_far_is_another_cluster() -> None:
    stable = StableIds(2)
    follow(stable, [[100, 0]])
    assert follow(stable, [[79, 61]]) == {1: [79, 61]}  # cosine 0.79, below the gate
    assert follow(stable, [[100, 61]]) == {1: [100, 61]}


def test_of_two_centres_near_an_old_one_only_the_nearer_inherits() -> None:
    stable = StableIds(2)
    follow(stable, [[100, 0]])
    assert follow(stable, [[90, 30], [100, 5]]) == {0: [100, 5], 1: [90, 30]}


def test_an_id_that_vanished_never_comes_back() -> None:
    stable = StableIds(2, first_id=5)
    follow(stable, [[100, 0], [0, 100]])
    assert follow(stable, [[100, 0]]) == {5: [100, 0]}
    assert follow(stable, []) == {}
    assert follow(stable, [[100, 0], [0, 100]]) == {7: [100, 0], 8: [0, 100]}
    assert stable.next_id == 9


def test_a_centre_at_the_origin_is_like_nothing() -> None:
    assert cosines(np.zeros((1, 2), dtype=np.int16), np.ones((2, 2), dtype=np.int16)).tolist() == [[0.0, 0.0]]


def test_a_true_pair_is_not_given_up_for_two_that_are_too_far() -> None:
    """Old at 0° and 73°, new at 35° and -38°: the sum of cosines would rather pair 35-73 and -38-0, both below 0.8."""
    stable = StableIds(2)
    follow(stable, [[1000, 0], [292, 956]])
    assert follow(stable, [[819, 574], [788, -616]]) == {0: [819, 574], 2: [788, -616]}
