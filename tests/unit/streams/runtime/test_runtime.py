"""The runtime without Kafka: what it owns and takes, what it settles, which topics it refuses, and its first error."""

import asyncio

import pytest
from support.runtime_fakes import Stage, assigned, batch, made

from liveprofile.streams.runtime.app import RuntimeConfig, build_app
from liveprofile.streams.runtime.settle_timeout import SettleTimeoutError


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
    runtime._take(stage, [late])
    runtime._take(stage, [batch()])
    await asyncio.sleep(0.05)
    assert stage.calls == [("handle", 0)]
    runtime.fail(ValueError("first"))
    runtime._take(stage, [batch(1)])
    await asyncio.sleep(0.05)
    assert stage.calls == [("handle", 0)]


async def test_a_full_queue_pauses_its_partition_and_room_resumes_it() -> None:
    stage = Stage()
    runtime = made(stage, max_queued_batches=1)
    for _ in range(3):
        runtime._take(stage, [batch()])
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
    runtime._take(stage, [batch()])
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


async def test_partitions_of_a_stage_for_which_nobody_waits_load_after_all_others() -> None:
    """What River takes to import, profiles would have to wait for."""
    learn, profile = Loading("learn", ("examples",)), Loading("profile", ("activity",))
    learn.loads_behind = True
    runtime = made(learn, profile)
    await assigned(runtime, ("examples", 0), ("activity", 0))
    for _ in range(5):
        await asyncio.sleep(0)
    assert (profile.called.is_set(), learn.called.is_set()) == (True, False)
    profile.loading.set()
    async with asyncio.timeout(5):
        await runtime.ready()
        await learn.called.wait()


async def test_an_app_without_tables_does_not_wait_for_their_declaration() -> None:
    """Faust's own manager sleeps for a second at each start."""
    app = build_app(RuntimeConfig("app", "127.0.0.1:1"), (), take=lambda stage, batches: None, settle=_nothing)
    async with asyncio.timeout(0.5):
        await app.tables.sleep(1.0)


class Loading(Stage):
    """A stage that loads when a test lets it."""

    def __init__(self, name: str, topics: tuple[str, ...]) -> None:
        super().__init__(name, topics)
        self.called, self.loading, self.loads_behind = asyncio.Event(), asyncio.Event(), False

    async def assign(self, topic: str, partition: int) -> None:
        self.called.set()
        await self.loading.wait()


async def _nothing() -> None:
    """Nothing is settled."""
