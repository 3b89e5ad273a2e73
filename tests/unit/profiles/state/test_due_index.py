"""The due index: the last due time of a profile counts, and stale entries are dropped before they are many."""

import numpy as np

from liveprofile.profiles.state.due_index import NEVER, SPARE, DueIndex


def keys(count: int) -> list[bytes]:
    """Ids of as many profiles."""
    return [b"%032x" % at for at in range(count)]


def added(index: DueIndex, count: int, due_ms: int) -> int:
    """Give the first `count` profiles a due time; returns the number of entries."""
    index.add(keys(count), np.full(count, due_ms, np.int64))
    return len(index)


def test_entries_are_sorted_out_when_they_are_more_than_twice_those_kept_and_the_spare_ones() -> None:
    index, profiles = DueIndex(), SPARE // 2
    assert [added(index, profiles, at) for at in (1, 2)] == [profiles, SPARE], "as many as are spare"
    assert added(index, 1, 3) == profiles, "one more: a single entry is left of each profile"
    sizes = [added(index, profiles, at) for at in (4, 5, 6)]
    assert sizes == [2 * profiles, 3 * profiles, 2 * profiles + SPARE], "twice those kept, and the spare ones"
    assert added(index, 1, 7) == profiles


def test_of_several_due_times_of_a_profile_the_last_one_is_kept() -> None:
    index = DueIndex()
    assert index.earliest_ms == NEVER
    added(index, SPARE, 50)
    assert index.earliest_ms == 50
    added(index, SPARE, 70)
    assert (len(index), index.earliest_ms) == (SPARE, 70)
    assert index.take(69, SPARE) == []
    assert sorted(index.take(70, SPARE)) == keys(SPARE)
    assert (len(index), index.earliest_ms) == (0, NEVER)
