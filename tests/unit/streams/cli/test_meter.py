"""The demo's meter: rates and quantiles that are right, in memory that does not grow."""

import random
import statistics
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition

from liveprofile.streams.cli.demo.board import Board
from liveprofile.streams.cli.demo.meter import Latencies, Rate, Recent
from liveprofile.streams.cli.demo.observer import Observer, latency_ms
from liveprofile.streams.contract.topics import Topics


def test_quantiles_are_right_to_two_percent_whatever_the_spread() -> None:
    draw = random.Random(5)
    values = [draw.lognormvariate(3, 1.5) for _ in range(20_000)]
    latencies = Latencies()
    for value in values:
        latencies.add(value)
    exact = statistics.quantiles(values, n=100)
    for share, wanted in ((0.5, exact[49]), (0.9, exact[89]), (0.99, exact[98])):
        assert latencies.quantile(share) == pytest.approx(wanted, rel=0.02)


def test_latencies_beyond_every_bin_and_below_zero_are_counted() -> None:
    latencies = Latencies()
    latencies.add(-5.0)
    latencies.add(1e12)
    assert latencies.total == 2
    assert (latencies.quantile(0.5) or 0) < 1 < 1000 < (latencies.quantile(1.0) or 0)


def test_without_a_latency_there_is_no_quantile() -> None:
    assert Latencies().quantile(0.5) is None
    assert Recent().quantile(0.0, 0.5) is None


def test_recent_forgets_what_is_older_than_its_window() -> None:
    recent = Recent(window_s=10)
    recent.add(0.0, 1000.0)
    recent.add(9.0, 5.0)
    assert recent.quantile(9.0, 1.0) == 1000.0
    assert recent.quantile(11.0, 1.0) == 5.0


def test_a_rate_is_that_of_the_last_seconds() -> None:
    rate = Rate(window_s=5)
    for second in range(21):
        rate.mark(second, 100 * second if second <= 10 else 1000 + 10 * (second - 10))
    assert rate.per_s == pytest.approx(10)
    assert rate.total == 1100
    assert rate.history[0] == 100
    assert rate.history[-1] == 10


def test_latency_runs_from_the_event_to_now() -> None:
    record = SimpleNamespace(headers=[("ce_time", b"2026-01-01T00:00:00.500Z")])
    assert latency_ms(record, 1767225600.75) == pytest.approx(250)  # type: ignore[arg-type]
    for headers in ([], [("ce_time", b"yesterday")]):
        assert latency_ms(SimpleNamespace(headers=headers), 1.0) is None  # type: ignore[arg-type]


async def test_what_was_there_before_the_demo_is_not_counted_as_flow() -> None:
    board = Board()
    observer = Observer(board, Topics("shop", 1), lambda: None)
    place = TopicPartition("clicks", 0)
    observer._note_flow({place: 1000, TopicPartition("shop.activity", 0): 7})
    observer._note_flow({place: 1040, TopicPartition("shop.activity", 0): 47})
    assert board.meter.events_in.total == 40


def test_the_workers_share_of_a_core_counts_from_the_demos_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    board, used, now = Board(), iter([50.0, 50.5, 51.0]), iter([10.0, 12.0])
    monkeypatch.setattr("liveprofile.streams.cli.demo.observer.time.monotonic", lambda: next(now))
    observer = Observer(board, Topics("shop", 1), lambda: next(used))
    observer._note_flow({})
    observer._note_flow({})
    assert board.meter.worker_ms.total == 1_000 and board.meter.cores == pytest.approx(0.25)


def test_a_worker_that_has_ended_keeps_its_last_share() -> None:
    board, used = Board(), iter([0.0, 2.0, None])
    observer = Observer(board, Topics("shop", 1), lambda: next(used))
    observer._note_flow({})
    observer._note_flow({})
    assert board.meter.worker_ms.total == 2_000
