"""The pace of fetches: a pause after a small response, none after a full one, and none for anything but fetches."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.client import ConnectionGroup
from aiokafka.protocol.fetch import FetchRequest, FetchRequest_v4

from liveprofile.streams.runtime.app import RuntimeConfig
from liveprofile.streams.transport.haste import Haste
from liveprofile.streams.transport.pacing import FULL_BYTES, LEISURE_S, THERE_ALREADY_MS, FetchPace, pace_fetches

HASTE = {"activity": Haste.AT_ONCE, "examples": Haste.AT_LEISURE}
FETCH = FetchRequest(500, 1, 1 << 20, 0, [("clicks", [(0, 5, 1 << 20)])])
BOTH = FetchRequest(500, 1, 1 << 20, 0, [("clicks", [(0, 5, 1 << 20)]), ("activity", [(0, 9, 1 << 20)])])


class Client:
    """aiokafka's client: answers each request with records of so many bytes."""

    def __init__(self, answers: list[int]) -> None:
        self.sent: list[tuple[int, Any, Any]] = []
        self._answers = answers
        self.topic = "clicks"
        self.during: Callable[[], None] = lambda: None

    async def send(self, node: int, request: Any, *, group: Any = ConnectionGroup.DEFAULT) -> Any:
        self.sent.append((node, request, group))
        self.during()
        size = self._answers.pop(0) if self._answers else 0
        return SimpleNamespace(topics=[(self.topic, [(0, 0, 7, b"x" * size), (1, 0, 7, None)])])


class Time:
    """A clock that a timer of the event loop moves on, at once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = 100.0
        self.waits: list[float] = []
        loop = asyncio.get_running_loop()

        def call_later(wait_s: float, wake: Callable[[], None]) -> asyncio.Handle:
            self.waits.append(round(wait_s, 6))
            self.now_s += wait_s
            return loop.call_soon(wake)

        monkeypatch.setattr(loop, "call_later", call_later)

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
async def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    return Time(monkeypatch)


async def test_the_next_fetch_waits_for_company_after_a_small_response(clock: Time) -> None:
    client = Client([300, 300])
    pace_fetches(client, FetchPace(0.010, HASTE, clock))
    await client.send(1, FETCH)
    clock.now_s += 0.004
    await client.send(1, FETCH)
    clock.now_s += 0.5
    await client.send(1, FETCH)
    assert clock.waits == [0.006] and len(client.sent) == 3


async def test_a_full_response_is_followed_at_once_for_more_is_waiting(clock: Time) -> None:
    client = Client([FULL_BYTES, FULL_BYTES - 1])
    pace_fetches(client, FetchPace(0.010, HASTE, clock))
    for _ in range(3):
        await client.send(1, FETCH)
    assert clock.waits == [0.010]


@pytest.mark.parametrize("size", [FULL_BYTES, FULL_BYTES + 1, 9 * FULL_BYTES])
async def test_a_response_beyond_a_full_one_is_as_full(clock: Time, size: int) -> None:
    client = Client([size])
    pace_fetches(client, FetchPace(0.010, HASTE, clock))
    for _ in range(2):
        await client.send(1, FETCH)
    assert clock.waits == []


def test_a_response_is_full_at_a_sixteenth_of_what_one_partition_may_give_which_is_64_kib() -> None:
    """A backlog has more than this by far, and light load less: a hundred records."""
    assert RuntimeConfig("app", "here:9092").fetch_bytes == 16 * FULL_BYTES
    assert FULL_BYTES >> 10 == 64


async def test_one_broker_does_not_wait_for_another(clock: Time) -> None:
    client = Client([300, 300, 300])
    pace_fetches(client, FetchPace(0.010, HASTE, clock))
    for node in (1, 2, 3):
        await client.send(node, FETCH)
    assert clock.waits == []


async def test_heartbeats_and_commits_go_at_once_and_in_their_group(clock: Time) -> None:
    client = Client([300])
    pace_fetches(client, FetchPace(0.010, HASTE, clock))
    await client.send(1, FETCH)
    await client.send(1, "a heartbeat", group=ConnectionGroup.COORDINATION)
    assert clock.waits == [] and client.sent[-1] == (1, "a heartbeat", ConnectionGroup.COORDINATION)


async def test_a_pause_of_nothing_is_no_pause(clock: Time) -> None:
    client = Client([300, 300])
    pace_fetches(client, FetchPace(0.0, HASTE, clock))
    await client.send(1, FETCH)
    await client.send(1, FETCH)
    assert clock.waits == []


async def test_a_fetch_that_waits_can_be_cancelled_and_is_not_sent() -> None:
    client = Client([300])
    pace_fetches(client, FetchPace(60.0))
    await client.send(1, FETCH)
    waiting = asyncio.ensure_future(client.send(1, FETCH))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert len(client.sent) == 1


def asked(client: Client, which: int) -> tuple[list[str], int]:
    """The topics of a fetch that was sent, and how long its broker may wait."""
    request = client.sent[which][1].build(FetchRequest_v4)
    return [topic for topic, _ in request.topics], request.max_wait_time


async def test_a_topic_that_this_process_has_written_is_asked_for_at_once_and_alone() -> None:
    client, pace = Client([300, 10, 300]), FetchPace(60.0)
    pace_fetches(client, pace)
    await client.send(1, BOTH)
    waiting = asyncio.ensure_future(client.send(1, BOTH))
    await asyncio.sleep(0)
    pace.hurry(["activity"])
    await asyncio.wait_for(waiting, 5)
    assert [asked(client, at) for at in (0, 1)] == [(["clicks", "activity"], 500), (["activity"], THERE_ALREADY_MS)]
    again = asyncio.ensure_future(client.send(1, BOTH))
    await asyncio.sleep(0.05)
    assert len(client.sent) == 2, "the others still wait for company"
    again.cancel()


async def test_what_the_last_fetch_has_brought_is_not_asked_for_again(clock: Time) -> None:
    """The topic was written while a fetch of all was under way, which has found the records."""
    client, pace = Client([300]), FetchPace(0.010, HASTE, clock)
    pace_fetches(client, pace)
    sending = client.send
    client.during = lambda: pace.hurry(["clicks"])
    await sending(1, BOTH)
    await sending(1, BOTH)
    assert [asked(client, at)[0] for at in (0, 1)] == [["clicks", "activity"]] * 2 and clock.waits == [0.010]


async def test_a_topic_that_another_broker_leads_hurries_nobody_else(clock: Time) -> None:
    client, pace = Client([300]), FetchPace(0.010, HASTE, clock)
    pace_fetches(client, pace)
    await client.send(1, BOTH)
    pace.hurry(["elsewhere"])
    await client.send(1, BOTH)
    assert [asked(client, at)[0] for at in (0, 1)] == [["clicks", "activity"]] * 2 and clock.waits == [0.010]


BESIDES = FetchRequest(500, 1, 1 << 20, 0, [(name, [(0, 5, 1 << 20)]) for name in ("clicks", "examples")])
LEISURELY = FetchRequest(500, 1, 1 << 20, 0, [("examples", [(0, 5, 1 << 20)])])


async def test_what_nobody_waits_for_is_asked_for_a_few_times_a_second(clock: Time) -> None:
    client = Client([300] * 40)
    pace_fetches(client, FetchPace(0.020, HASTE, clock))
    began = clock.now_s
    while clock.now_s < began + 2 * LEISURE_S:
        await client.send(1, BESIDES)
    of_examples = sum("examples" in asked(client, at)[0] for at in range(len(client.sent)))
    assert len(client.sent) > 20 and of_examples == 3
    assert all("clicks" in asked(client, at)[0] for at in range(len(client.sent)))


async def test_a_worker_that_reads_nothing_else_waits_as_long(clock: Time) -> None:
    client = Client([300, 300])
    pace_fetches(client, FetchPace(0.020, HASTE, clock))
    await client.send(1, LEISURELY)
    await client.send(1, LEISURELY)
    assert clock.waits == [LEISURE_S] and len(client.sent) == 2


async def test_a_backlog_of_what_nobody_waits_for_is_fetched_without_a_pause(clock: Time) -> None:
    client = Client([FULL_BYTES] * 3)
    client.topic = "examples"
    pace_fetches(client, FetchPace(0.020, HASTE, clock))
    for _ in range(3):
        await client.send(1, BESIDES)
    assert clock.waits == [] and all("examples" in asked(client, at)[0] for at in range(3))
