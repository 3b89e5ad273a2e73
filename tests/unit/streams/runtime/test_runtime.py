"""The runtime without Kafka: what it owns and takes, what it settles, which topics it refuses, and its first error."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest

from liveprofile.streams.errors import NoKafkaError, SetupError
from liveprofile.streams.runtime import runtime as module
from liveprofile.streams.runtime.app import RuntimeConfig
from liveprofile.streams.runtime.runtime import Runtime, SettleTimeoutError
from liveprofile.streams.transport.reachability import LONGEST_WAIT_S
from liveprofile.streams.transport.record_batch import RecordBatch


class Stage:
    """A stage that writes down what it is asked."""

    def __init__(self, name: str = "ingest", topics: tuple[str, ...] = ("clicks",)) -> None:
        self.name, self.topics = name, topics
        self.written_alone: tuple[str, ...] = ()
        self.calls: list[Any] = []
        self.error: Exception | None = None
        self.hangs = False

    async def start(self, outbox: Any) -> None:
        self.calls.append("start")

    async def handle(self, topic: str, partition: int, batch: Any, ack: Any) -> None:
        self.calls.append(("handle", partition))
        if self.hangs:
            await asyncio.sleep(60)

    async def revoke(self, partitions: Any) -> None:
        self.calls.append(("revoke", sorted(partitions)))
        if self.error:
            raise self.error

    async def stop(self) -> None:
        self.calls.append("stop")
        if self.error:
            raise self.error


class Consumer:
    """Faust's consumer as the runtime uses it."""

    def __init__(self) -> None:
        self.in_group = True
        self.paused: list[Any] = []
        self.resumed: list[Any] = []
        self.settled = 0

    def pause(self, place: Any) -> None:
        self.paused.append(place)

    def resume(self, place: Any) -> None:
        self.resumed.append(place)

    async def wait_empty(self) -> None:
        self.settled += 1

    def give_up(self) -> None:
        """Waits for nobody."""


class App:
    """Faust's app as the runtime uses it."""

    def __init__(self) -> None:
        self.consumer = Consumer()
        self.started = True
        self.stopped = 0

    async def stop(self) -> None:
        self.stopped += 1


class Receipt:
    def __init__(self) -> None:
        self.acks = 0
        self.given_up = False

    def ack(self) -> None:
        self.acks += 1


def config(**changed: Any) -> RuntimeConfig:
    return RuntimeConfig("alone", "127.0.0.1:1", partitions={"clicks": 2}, drain_timeout_s=0.5, **changed)


def made(*stages: Stage, **changed: Any) -> Any:
    """A runtime with an app that does nothing."""
    runtime: Any = Runtime(stages or (Stage(),), config(**changed))  # type: ignore[arg-type]
    runtime._app = App()
    return runtime


async def assigned(runtime: Any, *places: tuple[str, int]) -> None:
    await runtime._on_assigned(None, [SimpleNamespace(topic=topic, partition=at) for topic, at in places])


def batch(partition: int = 0, topic: str = "clicks") -> RecordBatch:
    return RecordBatch(topic, partition, [], Receipt())  # type: ignore[arg-type]


async def test_only_assigned_partitions_are_owned_and_only_in_the_group_and_before_a_failure() -> None:
    runtime = made()
    await assigned(runtime, ("clicks", 0))
    assert runtime.owns("clicks", 0) and not runtime.owns("clicks", 1) and not runtime.owns("orders", 0)
    runtime._app.consumer.in_group = False
    assert not runtime.owns("clicks", 0)
    runtime._app.consumer.in_group = True
    runtime.fail(ValueError("first"))
    assert not runtime.owns("clicks", 0)


async def test_each_stage_has_a_queue_for_each_partition_of_its_own_topics() -> None:
    ingest, profile = Stage(), Stage("profile", ("activity",))
    runtime = made(ingest, profile)
    assert not runtime.is_ready
    await assigned(runtime, ("clicks", 0), ("activity", 3), ("clicks", 1))
    found = {(one.topic, one.partition): one.stage for one in runtime.partition_queues}
    assert found == {("clicks", 0): ingest, ("clicks", 1): ingest, ("activity", 3): profile}
    await asyncio.wait_for(runtime.ready(), 5.0)
    assert runtime.is_ready
    runtime.fail(ValueError("first"))
    assert not runtime.is_ready
    with pytest.raises(ValueError, match="first"):
        await runtime.ready()


async def test_batches_are_processed_and_those_of_ended_assignments_are_not() -> None:
    stage = Stage()
    runtime = made(stage)
    await assigned(runtime, ("clicks", 0))
    late = batch()
    late.receipt.given_up = True  # type: ignore[misc]
    runtime._take(stage, late)
    runtime._take(stage, batch())
    await asyncio.sleep(0.05)
    assert stage.calls == [("handle", 0)]
    runtime.fail(ValueError("first"))
    runtime._take(stage, batch(1))
    await asyncio.sleep(0.05)
    assert stage.calls == [("handle", 0)]


async def test_a_full_queue_pauses_its_partition_and_room_resumes_it() -> None:
    stage = Stage()
    runtime = made(stage, max_queued_batches=1)
    for _ in range(3):
        runtime._take(stage, batch())
    assert runtime._app.consumer.paused[:1] == [("clicks", 0)]
    await asyncio.sleep(0.05)
    assert runtime._app.consumer.resumed and stage.calls == [("handle", 0)] * 3


async def test_settling_revokes_from_each_stage_what_it_has_loaded_and_owns_nothing_after_it() -> None:
    ingest, profile = Stage(), Stage("profile", ("activity",))
    runtime = made(ingest, profile)
    await assigned(runtime, ("clicks", 0), ("activity", 3))
    await runtime.ready()
    await runtime._settle()
    assert ingest.calls == [("revoke", [("clicks", 0)])] and profile.calls == [("revoke", [("activity", 3)])]
    assert not runtime.owns("clicks", 0) and not runtime.partition_queues and not runtime.is_ready


async def test_a_stage_without_partitions_is_not_asked_to_give_any_up() -> None:
    ingest, profile = Stage(), Stage("profile", ("activity",))
    runtime = made(ingest, profile)
    await assigned(runtime, ("clicks", 0))
    await runtime.ready()
    await runtime._settle()
    assert profile.calls == []


async def test_a_batch_that_takes_too_long_to_settle_is_an_error_that_says_how_long() -> None:
    stage = Stage()
    stage.hangs = True
    runtime = made(stage)
    await assigned(runtime, ("clicks", 0))
    runtime._take(stage, batch())
    await asyncio.sleep(0.05)
    with pytest.raises(SettleTimeoutError, match=r"drain_timeout_s \(0.5 s\)"):
        await runtime._settle()
    with pytest.raises(SettleTimeoutError):
        runtime.raise_failure()


async def test_an_error_while_settling_is_the_runtimes_and_after_a_failure_nothing_is_settled() -> None:
    stage = Stage()
    stage.error = OSError("disk")
    runtime = made(stage)
    await assigned(runtime, ("clicks", 0))
    await runtime.ready()
    with pytest.raises(OSError, match="disk"):
        await runtime._settle()
    with pytest.raises(OSError, match="disk"):
        runtime.raise_failure()
    await runtime._settle()
    assert len(stage.calls) == 1


async def test_the_first_error_counts() -> None:
    runtime = made()
    runtime.raise_failure()
    runtime.fail(ValueError("first"))
    runtime.fail(OSError("second"))
    for raises in (runtime.raise_failure, runtime.check_may_write):
        with pytest.raises(ValueError, match="first"):
            raises()


class Counts:
    """Partition counts of a cluster in which topics appear after some looks."""

    def __init__(self, *looks: dict[str, int]) -> None:
        self.looks = list(looks)

    async def partition_counts(self, topics: Any) -> dict[str, int]:
        assert set(topics) == {"clicks"}
        return self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SETUP_WAIT_S", 0.0)


async def test_topics_with_the_partitions_of_the_settings_are_accepted_also_a_little_later() -> None:
    runtime = made()
    for looks in ([{"clicks": 2}], [{"clicks": 0}] * 9 + [{"clicks": 2}]):
        runtime.outbox = Counts(*looks)
        await runtime._check_topics()


async def test_a_missing_topic_is_refused_after_ten_looks() -> None:
    runtime = made()
    runtime.outbox = Counts(*[{"clicks": 0}] * 10, {"clicks": 2})
    with pytest.raises(SetupError, match=r"'clicks' does not exist on 127\.0\.0\.1:1"):
        await runtime._check_topics()


@pytest.mark.parametrize("count", [1, 3])
async def test_more_or_fewer_partitions_are_refused_with_both_numbers(count: int) -> None:
    runtime = made()
    runtime.outbox = Counts({"clicks": count})
    with pytest.raises(SetupError, match=f"'clicks' has {count} partitions, this application was set up with 2"):
        await runtime._check_topics()


class Outbox:
    """An outbox that is closed once."""

    def __init__(self, away: bool = False) -> None:
        self.away, self.gave_up, self.closed = away, 0, 0
        self.tokens: list[Any] = []

    def give_up(self) -> None:
        self.gave_up += 1

    def release_tokens(self) -> None:
        self.tokens.clear()

    async def answers(self, within_s: float) -> bool:
        return True

    async def acquire_token(self, name: str, places: Any) -> None:
        self.tokens.append((name, places))

    async def __aexit__(self, *_: Any) -> None:
        self.closed += 1


async def stopped(runtime: Any, error: BaseException | None = None) -> Any:
    """The runtime's outbox after its stop."""
    runtime.outbox = Outbox(runtime.outbox.away)
    await asyncio.wait_for(runtime._stop(error), 5.0)
    return runtime.outbox


async def test_an_orderly_stop_settles_and_then_stops_all_that_was_started() -> None:
    ingest, profile = Stage(), Stage("profile", ("activity",))
    runtime = made(ingest, profile)
    outbox = await stopped(runtime)
    assert runtime._app.consumer.settled == 1 and runtime._app.stopped == 1
    assert ingest.calls == profile.calls == ["stop"]
    assert (outbox.closed, outbox.gave_up) == (1, 0) and not runtime.failed.done()
    runtime._take(ingest, batch())
    await assigned(runtime, ("clicks", 0))
    assert not runtime.partition_queues


async def test_after_an_error_nothing_is_settled_and_all_is_stopped() -> None:
    stage = Stage()
    runtime = made(stage)
    outbox = await stopped(runtime, ValueError("first"))
    assert runtime._app.consumer.settled == 0 and runtime._app.stopped == 1
    assert stage.calls == ["stop"] and outbox.closed == 1
    with pytest.raises(ValueError, match="first"):
        runtime.raise_failure()


async def test_an_app_that_never_started_has_nothing_to_settle() -> None:
    runtime = made()
    runtime._app.started = False
    await stopped(runtime)
    assert runtime._app.consumer.settled == 0


async def test_without_kafka_nobody_is_waited_for() -> None:
    assert (await stopped(made(), NoKafkaError("gone", "Start it."))).gave_up == 1


async def test_a_stage_that_cannot_stop_fails_the_runtime_and_the_others_are_stopped() -> None:
    first, second = Stage(), Stage("profile", ("activity",))
    first.error = OSError("disk")
    runtime = made(first, second)
    await stopped(runtime)
    assert second.calls == ["stop"]
    with pytest.raises(OSError, match="disk"):
        runtime.raise_failure()


async def test_only_a_stage_that_writes_alone_takes_tokens_and_for_the_partition_of_its_input() -> None:
    stage = Stage()
    runtime = made(stage)
    runtime.outbox = Outbox()
    await runtime._fencing_token(stage, 3)
    assert runtime.outbox.tokens == []
    stage.written_alone = ("state", "cursors")
    await runtime._fencing_token(stage, 3)
    assert runtime.outbox.tokens == [("alone.ingest.3", [("state", 3), ("cursors", 3)])]


async def test_a_watch_that_fails_is_the_runtimes_error() -> None:
    runtime = made()

    async def failing() -> None:
        raise OSError("gone")

    await runtime._fail_with(failing())
    with pytest.raises(OSError, match="gone"):
        runtime.raise_failure()


async def test_an_app_that_crashed_fails_the_runtime_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    async def over() -> None:
        """It has stopped."""

    for crashed, reason, expected in ((False, None, None), (True, OSError("x"), OSError), (True, None, RuntimeError)):
        runtime = made()
        runtime._app.wait_until_stopped, runtime._app.crashed, runtime._app.crash_reason = over, crashed, reason
        await runtime._fail_with_the_app()
        assert runtime.failed.done() is crashed
        if expected:
            with pytest.raises(expected):
                runtime.raise_failure()


async def test_what_waits_ends_with_the_first_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = made()
    waiting = asyncio.create_task(runtime._unless_failed(asyncio.sleep(60)))
    await asyncio.sleep(0.01)
    runtime.fail(ValueError("first"))
    began = time.monotonic()
    with pytest.raises(ValueError, match="first"):
        await waiting
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(("session_s", "longest_s"), [(6.0, 2.0), (40.0, LONGEST_WAIT_S)])
async def test_a_member_tries_brokers_often_enough_to_be_back_within_its_session(
    session_s: float, longest_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    brokers = SimpleNamespace(longest_s=0.0)
    monkeypatch.setattr(module, "BROKERS", brokers)
    runtime = made(session_timeout_s=session_s)
    runtime.outbox = SimpleNamespace()  # cannot be entered
    with pytest.raises(AttributeError):
        await runtime.__aenter__()
    assert brokers.longest_s == longest_s
