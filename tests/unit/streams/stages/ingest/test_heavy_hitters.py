"""Ids with an unlikely share: named once a window, from a thousand events on, in bounded memory."""

from liveprofile.streams.stages.ingest import heavy_hitters
from liveprofile.streams.stages.ingest.heavy_hitters import ENTRIES, FEWEST, WINDOW_MS, HeavyHitters

MANY = b"a" * 32


def test_an_id_is_named_with_its_thousandth_event_and_only_once_in_a_window() -> None:
    hitters = HeavyHitters(0.5)
    said = [hitters.note(MANY, 1_000) for _ in range(2 * FEWEST)]
    assert [at for at, one in enumerate(said, 1) if one] == [1_000] and FEWEST == 1_000
    assert said[FEWEST - 1] == ("a" * 32, 1_000, 1.0)


def test_the_share_is_that_of_all_events_and_the_limit_itself_is_named() -> None:
    for others, named in ((1_000, True), (1_001, False)):
        hitters = HeavyHitters(0.5, entries=10_000)
        for at in range(others):
            assert hitters.note(b"%032d" % at, 0) is None
        found = [hitters.note(MANY, 0) for _ in range(1_000)]
        assert bool(found[-1]) is named and not any(found[:-1])
        if found[-1]:
            assert (found[-1].events, found[-1].share) == (1_000, 0.5)


def test_a_window_lasts_ten_minutes_and_the_next_one_begins_from_nothing() -> None:
    hitters = HeavyHitters(0.5)
    assert WINDOW_MS == 600_000
    for at_ms in (5_000, 5_000 + WINDOW_MS - 1):
        for _ in range(FEWEST // 2 - 1):
            assert hitters.note(MANY, at_ms) is None
    assert hitters.note(MANY, 5_000 + WINDOW_MS - 1) is None
    assert hitters.note(MANY, 5_000 + WINDOW_MS) is None, "the thousandth, in a window of its own"
    for _ in range(FEWEST - 2):
        assert hitters.note(MANY, 5_000 + WINDOW_MS) is None
    assert hitters.note(MANY, 5_000 + WINDOW_MS) is not None
    for _ in range(FEWEST - 1):
        assert hitters.note(MANY, 5_000 + 2 * WINDOW_MS) is None
    assert hitters.note(MANY, 5_000 + 2 * WINDOW_MS) is not None, "it is named again"


def test_memory_is_bounded_and_what_is_frequent_outlasts_what_is_rare() -> None:
    hitters = HeavyHitters(0.1, entries=10)
    for at in range(10):
        hitters.note(b"%032d" % at, 0)
    assert len(hitters) == 10
    for _ in range(3):
        hitters.note(MANY, 0)
    assert len(hitters) == 1, "ids with one event are forgotten as soon as there are too many"
    hitters._counts = {b"b": 5, b"c": 2, b"d": 3}
    hitters._forget()
    assert hitters._counts == {b"b": 2}
    hitters._counts = {b"%d" % count: count for count in (4, 1, 5, 3, 2)}
    hitters._forget()
    assert hitters._counts == {b"4": 1, b"5": 2}, "the median of five is the third"
    assert ENTRIES == heavy_hitters.HeavyHitters(0.1)._entries == 2_048
