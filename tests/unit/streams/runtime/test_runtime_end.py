"""How a runtime fails and ends."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest
from support.runtime_fakes import Stage, assigned, batch, made

from liveprofile.streams.errors import NoKafkaError
from liveprofile.streams.runtime import runtime as module
from liveprofile.streams.transport.reachability import LONGEST_WAIT_S


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
    runtime._take(ingest, [batch()])
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
