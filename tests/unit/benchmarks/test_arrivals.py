"""Planned sends, latencies that count from the plan, and their percentiles."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import pytest

from benchmarks.arrivals import Plan, due_times, latencies_ms, percentiles, send_at_fixed_arrival
from liveprofile.streams.simulator.events import SimEvent


class StallingSender:
    """Takes events, and answers late the first time: a broker that stood still."""

    def __init__(self, stall_s: float) -> None:
        self.added: list[bytes] = []
        self._stall_s = stall_s

    def add(self, topic: str, key: bytes, value: bytes, now_ms: int) -> None:
        self.added.append(value)

    async def send(self, *, idle: bool) -> None:
        stall_s, self._stall_s = self._stall_s, 0.0
        await asyncio.sleep(stall_s)


def events(count: int) -> list[SimEvent]:
    return [SimEvent("clicks", b"u1", b"e%d" % number, b'"user_id":"u1"}', 0, None) for number in range(count)]


def test_the_nth_event_is_due_n_intervals_after_the_first() -> None:
    assert due_times(200, 0.02, 50.0) == pytest.approx([50.0, 50.005, 50.01, 50.015])
    assert len(due_times(2_000, 30, 0.0)) == 60_000


def test_a_stall_moves_no_event_of_the_plan_and_is_told_as_lateness() -> None:
    plan, sender, start = Plan(), StallingSender(0.2), time.time()
    times = due_times(100, 0.1, start)
    stalled: Any = sender
    asyncio.run(send_at_fixed_arrival(stalled, events(10), times, plan))
    assert list(plan.due.values()) == times
    assert len(sender.added) == 10
    assert max(plan.late_ms) > 100, "what was due during the stall was sent after it"


def test_an_event_carries_its_planned_time_as_its_own() -> None:
    plan, sender = Plan(), StallingSender(0.0)
    taking: Any = sender
    asyncio.run(send_at_fixed_arrival(taking, events(1), [1_700_000_000.25], plan))
    assert sender.added == [b'{"event_id":"e0","ts":1700000000250,"user_id":"u1"}']


def test_a_latency_counts_from_the_plan_and_with_every_change_of_the_event() -> None:
    due = {b"e1": 10.0, b"e2": 10.5}
    changes = [(b"e1", 10.25), (b"e1", 10.5), (b"e2", 11.0)]
    assert latencies_ms(due, changes, 0.0, 20.0) == pytest.approx([250.0, 500.0, 500.0])


@pytest.mark.parametrize(
    ("since", "until", "found"), [(10.0, 11.0, 1), (10.1, 11.1, 1), (9.0, 10.0, 0), (9.0, 12.0, 2)]
)
def test_only_events_that_were_due_in_the_measured_time_count(since: float, until: float, found: int) -> None:
    due = {b"e1": 10.0, b"e2": 11.0}
    assert len(latencies_ms(due, [(b"e1", 13.0), (b"e2", 13.0)], since, until)) == found


def test_changes_of_other_causes_have_no_latency() -> None:
    assert latencies_ms({b"e1": 10.0}, [(b"e9", 10.5)], 0.0, 20.0) == []


@pytest.mark.parametrize(
    ("values", "p50", "p99"),
    [([5.0], 5.0, 5.0), (list(map(float, range(101))), 50.0, 99.0), ([], None, None)],
)
def test_percentiles_are_of_all_values_and_nothing_without_any(
    values: Sequence[float], p50: float | None, p99: float | None
) -> None:
    assert percentiles(values) == {"p50_ms": p50, "p99_ms": p99}
