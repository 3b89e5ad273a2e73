"""Health: a worker is not alive when work stands still, and a restart could help."""

from types import SimpleNamespace
from typing import Any

import pytest
from support.health_fakes import FakeQueue, FakeRuntime

from liveprofile.streams.runtime.health import ENDS_S, Health
from liveprofile.streams.runtime.progress import Progress
from liveprofile.streams.transport.standing import Standing

STALL_S = 60.0


class Clock:
    """A time that passes when a test says so."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def loaded(partition: int = 0, **more: Any) -> FakeQueue:
    queue = FakeQueue(partition, **more)
    queue.loaded.set()
    return queue


def batch(offset: int = 0) -> Any:
    return SimpleNamespace(records=[SimpleNamespace(offset=offset, timestamp=0)])


async def after(health: Health, clock: Clock, seconds: float) -> list[str]:
    """Why work stands still, when so much time has passed with a look a second."""
    for _ in range(round(seconds)):
        clock.now_s += 1.0
        await health.look()
    return [stall.why for stall in health.stalls]


def watched(runtime: FakeRuntime) -> tuple[Health, Clock]:
    clock = Clock()
    return Health(runtime, STALL_S, clock), clock


async def test_a_batch_that_does_not_end_is_a_stall_and_a_batch_that_ends_is_none() -> None:
    queue = loaded(oldest=batch())
    health, clock = watched(FakeRuntime(partition_queues=(queue,)))
    assert await after(health, clock, STALL_S - 1) == []
    queue.handled += 1
    assert await after(health, clock, STALL_S) == []
    assert await after(health, clock, 2) == ["a batch does not end"]
    assert health.stalls[0].told()["partition"] == 0
    queue.handled += 1
    assert await after(health, clock, 1) == []


async def test_a_consumer_that_fetches_nothing_although_there_is_more_is_a_stall() -> None:
    """Its own responses may say nothing: the end that was asked for on another connection tells."""
    runtime = FakeRuntime(partition_queues=(loaded(),))
    runtime.standings["activity", 0] = Standing(fetched=7, delivered=7, end=7)
    health, clock = watched(runtime)
    assert await after(health, clock, 2 * STALL_S) == []
    runtime.outbox.ends["activity", 0] = 9
    assert await after(health, clock, STALL_S + ENDS_S + 2) == ["there are records, and none is fetched"]


async def test_where_there_is_nothing_to_do_nothing_stands_still() -> None:
    runtime = FakeRuntime(partition_queues=(loaded(),))
    runtime.standings["activity", 0] = Standing(fetched=7, delivered=7, end=7)
    runtime.outbox.ends["activity", 0] = 7
    health, clock = watched(runtime)
    assert await after(health, clock, 3 * STALL_S) == []


async def test_one_partition_that_stands_still_is_enough() -> None:
    moving, stuck = loaded(0, oldest=batch()), loaded(1, oldest=batch())
    health, clock = watched(FakeRuntime(partition_queues=(moving, stuck)))
    for _ in range(round(STALL_S) + 2):
        moving.handled += 1
        await after(health, clock, 1)
    assert [stall.partition for stall in health.stalls] == [1]


async def test_a_stage_that_goes_on_within_a_long_batch_does_not_stand_still() -> None:
    class Slow:
        name = "ingest"
        done = 0

        def moved(self, topic: str, partition: int) -> object:
            return self.done

    stage = Slow()
    health, clock = watched(FakeRuntime(partition_queues=(loaded(oldest=batch(), stage=stage),)))
    for _ in range(4):
        stage.done += 1
        assert await after(health, clock, STALL_S - 1) == []
    assert await after(health, clock, 2) == ["a batch does not end"]


async def test_a_load_has_limits_of_its_own() -> None:
    runtime = FakeRuntime(partition_queues=(FakeQueue(0, Progress(0, 5, 10, 5), oldest=batch()),))
    health, clock = watched(runtime)
    assert await after(health, clock, 3 * STALL_S) == []


@pytest.mark.parametrize("trouble", ["away", "is_silent"])
async def test_while_kafka_does_not_answer_a_worker_is_alive_and_then_has_its_whole_time(trouble: str) -> None:
    """A restart would not bring Kafka back; one that stands still keeps its connections, so it is asked."""
    runtime = FakeRuntime(partition_queues=(loaded(oldest=batch()),), is_ready=True)
    health, clock = watched(runtime)
    setattr(runtime.outbox, trouble, True)
    assert await after(health, clock, 3 * STALL_S) == []
    setattr(runtime.outbox, trouble, False)
    assert await after(health, clock, STALL_S - 1) == []
    assert await after(health, clock, STALL_S) == ["a batch does not end"]


async def test_a_kafka_that_stands_still_is_found_out_although_there_is_nothing_to_do() -> None:
    runtime = FakeRuntime(partition_queues=(loaded(),), is_ready=True)
    health, clock = watched(runtime)
    assert await after(health, clock, 1) == []
    runtime.outbox.is_silent = True
    assert await after(health, clock, ENDS_S) == []
    assert not health.is_ready
    runtime.outbox.is_silent = False
    assert await after(health, clock, 1) == []
    assert health.is_ready


async def test_kafka_is_only_asked_when_something_stands_still() -> None:
    queue = loaded(oldest=batch())
    runtime = FakeRuntime(partition_queues=(queue,))
    health, clock = watched(runtime)
    await after(health, clock, STALL_S - 1)
    assert runtime.outbox.asked == 0


async def test_without_kafka_a_worker_is_not_ready() -> None:
    runtime = FakeRuntime(is_ready=True)
    health, _ = watched(runtime)
    assert health.is_ready
    runtime.outbox.away = True
    assert not health.is_ready


async def test_a_worker_that_the_group_never_answers_is_not_alive() -> None:
    """Sessions of the dead and joins of the slow end before."""
    runtime = FakeRuntime(is_assigned=False)
    health, clock = watched(runtime)
    assert await after(health, clock, 20 + 60 + STALL_S - 1) == []
    assert await after(health, clock, 2) == ["the group gives no partitions"]
    runtime.is_assigned = True
    assert await after(health, clock, 1) == []


async def test_a_worker_that_still_prepares_its_stages_is_alive() -> None:
    health, clock = watched(FakeRuntime(is_assigned=False, has_joined=False))
    assert await after(health, clock, 10 * STALL_S) == []


async def test_a_worker_has_started_once_it_was_ready() -> None:
    runtime = FakeRuntime()
    health, clock = watched(runtime)
    for is_ready, has_started in ((False, False), (True, True), (False, True)):
        runtime.is_ready = is_ready
        await after(health, clock, 1)
        assert health.has_started == has_started


async def test_what_was_known_of_a_partition_that_is_gone_is_forgotten() -> None:
    """It may come back: what it stood then is nothing."""
    queue = loaded(oldest=batch())
    runtime = FakeRuntime(partition_queues=(queue,))
    health, clock = watched(runtime)
    await after(health, clock, STALL_S - 1)
    runtime.partition_queues = ()
    await after(health, clock, 1)
    runtime.partition_queues = (queue,)
    assert await after(health, clock, 10) == []
