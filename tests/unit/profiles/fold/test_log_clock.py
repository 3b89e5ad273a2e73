"""The clock of a log: ticks, unless past events are replayed into it."""

import numpy as np
import pytest
from support.activities import NOON_MS

from liveprofile.profiles.fold.log_clock import PAST_MS, QUIET_MS, LogClock

DAY_MS = 86_400_000
STEP_MS = 60_000


def see(clock: LogClock, *times_ms: int) -> None:
    clock.see(np.array(times_ms, np.int64))


@pytest.mark.parametrize("seen_before", [False, True])
def test_one_old_event_alone_does_not_stop_the_timers_of_a_quiet_partition(seen_before: bool) -> None:
    clock = LogClock()
    if seen_before:
        see(clock, NOON_MS - 1_000)
        clock.at(NOON_MS)
    see(clock, NOON_MS - 3 * DAY_MS)
    assert [clock.at(NOON_MS + at * STEP_MS) for at in range(90)] == [NOON_MS + at * STEP_MS for at in range(90)]


def test_what_a_device_sends_long_after_its_time_is_no_replay_however_much_it_is() -> None:
    clock = LogClock()
    see(clock, NOON_MS - 2 * DAY_MS)
    clock.at(NOON_MS - 2 * DAY_MS + 5)
    see(clock, *(NOON_MS - 9 * DAY_MS + at for at in range(50)))
    assert clock.at(NOON_MS) == NOON_MS


def test_a_replay_of_the_past_has_its_own_time_until_an_hour_after_its_end() -> None:
    clock, past_ms = LogClock(), NOON_MS - 900 * DAY_MS
    for day in range(5):
        see(clock, *(past_ms + day * DAY_MS + at for at in range(3)))
        assert clock.at(NOON_MS + day * STEP_MS) == past_ms + day * DAY_MS + 2
    assert clock.at(NOON_MS + 4 * STEP_MS + QUIET_MS - 1) == past_ms + 4 * DAY_MS + 2
    assert clock.at(NOON_MS + 4 * STEP_MS + QUIET_MS) == NOON_MS + 4 * STEP_MS + QUIET_MS


def test_a_slow_replay_of_one_event_a_tick_is_one_from_the_second_on() -> None:
    clock, past_ms = LogClock(), NOON_MS - 900 * DAY_MS
    times = []
    for day in range(4):
        see(clock, past_ms + day * DAY_MS)
        times.append(clock.at(NOON_MS + day * STEP_MS))
    assert times == [NOON_MS, *(past_ms + day * DAY_MS for day in (1, 2, 3))]


def test_a_live_event_ends_a_replay() -> None:
    clock = LogClock()
    see(clock, 1_000, 2_000)
    assert clock.at(NOON_MS) == 2_000
    see(clock, NOON_MS)
    assert clock.at(NOON_MS + 5) == NOON_MS + 5


def test_it_survives_its_state_and_reads_that_of_earlier_versions() -> None:
    clock = LogClock()
    see(clock, 1_000, 2_000)
    clock.at(NOON_MS)
    assert LogClock.from_state(clock.to_state()) == clock
    assert LogClock.from_state([5, 6, 7]) == LogClock(5, 6, 7)
    assert PAST_MS == DAY_MS
