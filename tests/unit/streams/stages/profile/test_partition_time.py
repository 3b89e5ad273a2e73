"""A partition's time is the broker's, and what its log lacks is said."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs
from support.activities import DIMS, activity, tick
from support.sends_all import SendsAll

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import Action, decode_heads, lasting_offset
from liveprofile.streams.contract.cloud_events import CloudEvents
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.stages.profile.config import ProfileStageConfig
from liveprofile.streams.stages.profile.counters import ProfileCounters
from liveprofile.streams.stages.profile.partition import Partition
from liveprofile.streams.stages.profile.ticks import TICK_KEY

BROKER_MS = 1_600_000_000_000
"""Years from any clock that this test could run under."""


class Broker(SendsAll):
    """An outbox that keeps activities and tells the broker's time."""

    def __init__(self, broker_ms: int | None = BROKER_MS, generation: int = 0) -> None:
        self.broker_ms = broker_ms
        self.replaced = generation
        self.times: list[int] = []

    async def send(self, topic: str, partition: int, items: Any) -> int | None:
        if topic.endswith(".activity"):
            self.times += decode_heads([value for _, value, _ in items], DIMS)["event_time_ms"].tolist()
        return self.broker_ms

    def generation(self, topic: str) -> int:
        return self.replaced

    def layout(self, topic: str) -> int:
        return 3

    def fail(self, error: BaseException) -> None:
        raise error


def partition_of(outbox: Broker) -> Partition:
    """A partition whose time passes a hundred times a second."""
    config = ProfileStageConfig(Topics("shop"), Policy(dims=DIMS), None, tick_s=0.01)
    return Partition(0, config, outbox, CloudEvents("shop", lambda: 0), ProfileCounters())  # type: ignore[arg-type]


def viewed(offset: int) -> SimpleNamespace:
    """An activity as a record."""
    value = activity(Action.VIEW, at_s=offset, topic="garden", offset=offset)
    return SimpleNamespace(key=b"%032x" % 7, value=value, offset=offset, headers=())


async def test_ticks_carry_the_brokers_time_and_what_has_passed_since() -> None:
    outbox = Broker()
    partition = partition_of(outbox)
    partition.start_time()
    await asyncio.sleep(0.1)
    partition.stop_time()
    first, *later = outbox.times
    assert first == 0 and later
    assert all(BROKER_MS < time_ms < BROKER_MS + 10_000 for time_ms in later)


@pytest.mark.parametrize(
    ("generation", "reached", "begins", "lost"), [(0, 0, 1, 0), (0, 0, 4, 3), (1, 5, 0, 0), (1, 5, 2, 0)]
)
async def test_activities_that_are_missing_before_a_run_are_counted(
    generation: int, reached: int, begins: int, lost: int
) -> None:
    partition = partition_of(Broker(generation=generation))
    partition.fold.cursor.applied_through = reached
    with capture_logs() as said:
        await partition.take([viewed(begins)])  # type: ignore[list-item]
    assert [one["records"] for one in said if one["log_level"] == "error"] == ([lost] if lost else [])
    assert partition.fold.cursor.applied_through == lasting_offset(generation, begins)


async def test_no_tick_is_appended_while_it_would_change_nothing() -> None:
    outbox = Broker()
    partition = partition_of(outbox)
    partition.fold.rests_until_ms = lambda: BROKER_MS + 10_000_000  # type: ignore[method-assign]
    partition.start_time()
    await asyncio.sleep(0.1)
    partition.stop_time()
    assert outbox.times == [0]


async def test_an_idle_partition_reads_the_brokers_time_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liveprofile.streams.stages.profile.ticks.LONGEST_REST_S", 0.05)
    outbox = Broker()
    partition = partition_of(outbox)
    partition.fold.rests_until_ms = lambda: BROKER_MS + 10_000_000  # type: ignore[method-assign]
    partition.start_time()
    await asyncio.sleep(0.2)
    partition.stop_time()
    assert 1 < len(outbox.times) < 6


async def test_the_next_tick_comes_at_once_while_more_profiles_are_due(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liveprofile.profiles.fold.fold.FIRED_AT_ONCE", 2)
    outbox = Broker()
    partition = partition_of(outbox)
    partition._ticks._config = ProfileStageConfig(Topics("shop"), Policy(dims=DIMS), None, tick_s=60.0)
    records = [(b"%032x" % number, activity(at_s=number, offset=number)) for number in range(5)]
    records.append((TICK_KEY, tick(5 * 3600.0)))
    batch = [
        SimpleNamespace(key=key, value=value, offset=offset, headers=()) for offset, (key, value) in enumerate(records)
    ]
    partition.start_time()
    await asyncio.sleep(0)
    await partition.take(batch)  # type: ignore[arg-type]
    await asyncio.sleep(0.05)
    partition.stop_time()
    assert partition.more_due and len(outbox.times) == 2
