"""The memory of a consumer of changes: what a version is to the one before it, in bounded memory."""

import pytest

from liveprofile.streams.query.last_versions import LastVersions, Step


def test_a_version_follows_repeats_or_leaves_a_gap() -> None:
    known = LastVersions(10)
    known.set("a", 3)
    assert [known.judge("a", version) for version in (2, 3, 4, 5)] == [Step.REPEAT, Step.REPEAT, Step.NEXT, Step.GAP]


def test_the_first_version_that_is_seen_of_a_profile_follows_whatever_it_is() -> None:
    assert LastVersions(10).judge("a", 17) is Step.NEXT


def test_where_the_log_has_lost_records_the_first_version_seen_is_a_gap_unless_it_is_the_first_of_all() -> None:
    known = LastVersions(10, suspicious=True)
    assert (known.judge("a", 17), known.judge("b", 1)) == (Step.GAP, Step.NEXT)


def test_the_profile_that_changed_longest_ago_is_forgotten_first() -> None:
    known = LastVersions(2)
    for profile, version in (("a", 1), ("b", 1), ("a", 2), ("c", 1)):
        known.set(profile, version)
    assert (known.last("a"), known.last("b"), known.last("c"), len(known)) == (2, 0, 1, 2)


def test_a_memory_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="limit is 0"):
        LastVersions(0)
