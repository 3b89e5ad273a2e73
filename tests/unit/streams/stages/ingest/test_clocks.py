"""A clock that is ahead is put back as a whole, and nothing lies after its arrival."""

import hypothesis.strategies as st
from hypothesis import given

from liveprofile.streams.stages.ingest.clocks import OTHER_CLOCK_MS, Told, corrected

NOW_MS = 1_790_000_000_000
HOUR_MS, DAY_MS = 3_600_000, 86_400_000


def of(client: str, *events: tuple[int, int]) -> list[Told]:
    """Events of a client: their time and their arrival, from NOW_MS."""
    return [Told((client,), NOW_MS + time_ms, NOW_MS + arrival_ms) for time_ms, arrival_ms in events]


def test_a_clock_that_is_right_or_behind_is_left_alone() -> None:
    assert corrected(of("u", (0, 0), (-DAY_MS, 0), (-5, 3))) == {}


def test_a_batch_of_a_clock_that_is_ahead_keeps_its_order_and_distances() -> None:
    told = of("u", (DAY_MS, 0), (DAY_MS + 7_000, 0), (DAY_MS + 20_000, 0))
    assert corrected(told) == {0: NOW_MS - 20_000, 1: NOW_MS - 13_000, 2: NOW_MS}


def test_events_that_arrive_one_by_one_stay_at_their_arrival() -> None:
    told = of("u", *[(DAY_MS + second * 1000, second * 1000) for second in range(5)])
    assert corrected(told) == {second: NOW_MS + second * 1000 for second in range(5)}


def test_a_delayed_event_of_the_clock_is_put_back_with_it() -> None:
    """It lies at its arrival by chance: it took as long as the clock is ahead."""
    assert corrected(of("u", (0, 0), (5_000, 1_000), (9_000, 2_000))) == {
        0: NOW_MS - 7_000,
        1: NOW_MS - 2_000,
        2: NOW_MS + 2_000,
    }


def test_another_device_of_the_shopper_with_a_right_clock_is_left_alone() -> None:
    assert corrected(of("u", (DAY_MS, 0), (0, 0), (-60_000, 0))) == {0: NOW_MS}
    assert corrected([*of("u", (DAY_MS, 0)), *of("v", (0, 0))]) == {0: NOW_MS}


def test_two_clocks_that_are_ahead_are_put_back_each_by_its_own_lead() -> None:
    assert corrected(of("u", (9 * DAY_MS, 0), (2 * HOUR_MS, 0))) == {0: NOW_MS, 1: NOW_MS}


def test_an_event_without_a_time_is_not_moved() -> None:
    assert corrected([*of("u", (DAY_MS, 0)), Told(("u",), None, NOW_MS)]) == {0: NOW_MS}


TOLD = st.lists(st.tuples(st.integers(-3 * DAY_MS, 3 * DAY_MS), st.integers(0, HOUR_MS)), min_size=1, max_size=20)


@given(TOLD)
def test_nothing_lies_after_its_arrival(events: list[tuple[int, int]]) -> None:
    told = of("u", *events)
    times = corrected(told)
    assert all(times.get(place, one.known_ms) <= one.arrival_ms for place, one in enumerate(told))


@given(st.lists(st.integers(0, OTHER_CLOCK_MS), min_size=1, max_size=20), st.integers(1, 900 * DAY_MS))
def test_the_order_of_one_clock_stays(times: list[int], lead_ms: int) -> None:
    told = of("u", *[(time_ms + lead_ms, OTHER_CLOCK_MS) for time_ms in times])
    put_back = corrected(told)
    moved = [put_back.get(place, one.known_ms) for place, one in enumerate(told)]
    assert sorted(range(len(times)), key=lambda at: times[at]) == sorted(range(len(times)), key=lambda at: moved[at])
