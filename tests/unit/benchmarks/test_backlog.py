"""What is lost and doubled, counted from states and facts."""

import pytest

from benchmarks.backlog import facts_counted, lost_and_doubled


@pytest.mark.parametrize(
    ("kept", "lost", "doubled"),
    [
        ({b"a": 3, b"b": 2}, 0, 0),
        ({b"a": 1, b"b": 2}, 2, 0),
        ({b"a": 3, b"b": 5}, 0, 3),
        ({b"a": 3}, 2, 0),
        ({b"a": 3, b"b": 2, b"c": 4}, 0, 4),
    ],
)
def test_lost_and_doubled_are_counted_by_profile(kept: dict[bytes, int], lost: int, doubled: int) -> None:
    assert lost_and_doubled({b"a": 3, b"b": 2}, kept) == (lost, doubled)


def test_a_loss_of_one_profile_does_not_make_up_for_a_double_of_another() -> None:
    assert lost_and_doubled({b"a": 3, b"b": 2}, {b"a": 2, b"b": 3}) == (1, 1)


def test_a_version_that_no_fact_says_is_lost() -> None:
    counted = facts_counted({b"a": 3, b"b": 1}, [(b"a", 1, b"x"), (b"a", 3, b"y"), (b"b", 1, b"z")])
    assert counted == {"facts_lost": 1, "facts_repeated": 0, "facts_altered": 0}


def test_a_fact_said_again_is_repeated_and_altered_only_with_other_content() -> None:
    counted = facts_counted({b"a": 1}, [(b"a", 1, b"x"), (b"a", 1, b"x"), (b"a", 1, b"y")])
    assert counted == {"facts_lost": 0, "facts_repeated": 2, "facts_altered": 1}
