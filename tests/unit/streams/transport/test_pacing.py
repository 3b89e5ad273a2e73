"""The pace of fetches: a pause after a small response, none after a full one, and none for anything but fetches."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.client import ConnectionGroup
from aiokafka.protocol.fetch import FetchRequest

from liveprofile.streams.transport import pacing
from liveprofile.streams.transport.pacing import FULL_BYTES, FetchPace, pace_fetches

FETCH = FetchRequest(500, 1, 1 << 20, 0, [])


class Client:
    """aiokafka's client: answers each request with records of so many bytes."""

    def __init__(self, answers: list[int]) -> None:
        self.sent: list[tuple[int, Any, Any]] = []
        self._answers = answers

    async def send(self, node: int, request: Any, *, group: Any = ConnectionGroup.DEFAULT) -> Any:
        self.sent.append((node, request, group))
        size = self._answers.pop(0) if self._answers else 0
        return SimpleNamespace(topics=[("clicks", [(0, 0, 7, b"x" * size), (1, 0, 7, None)])])


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, in seconds."""
    made: list[float] = []

    async def sleep(seconds: float) -> None:
        made.append(round(seconds, 6))

    monkeypatch.setattr(pacing.asyncio, "sleep", sleep)
    return made


def clock(now: list[float]) -> Callable[[], float]:
    return lambda: now[0]


async def test_the_next_fetch_waits_for_company_after_a_small_response(waits: list[float]) -> None:
    client, now = Client([300, 300]), [100.0]
    pace_fetches(client, FetchPace(0.010, clock(now)))
    await client.send(1, FETCH)
    now[0] += 0.004
    await client.send(1, FETCH)
    now[0] += 0.5
    await client.send(1, FETCH)
    assert waits == [0.006] and len(client.sent) == 3


async def test_a_full_response_is_followed_at_once_for_more_is_waiting(waits: list[float]) -> None:
    client = Client([FULL_BYTES, FULL_BYTES - 1])
    pace_fetches(client, FetchPace(0.010, clock([100.0])))
    for _ in range(3):
        await client.send(1, FETCH)
    assert waits == [0.010]


async def test_one_broker_does_not_wait_for_another(waits: list[float]) -> None:
    client = Client([300, 300, 300])
    pace_fetches(client, FetchPace(0.010, clock([100.0])))
    for node in (1, 2, 3):
        await client.send(node, FETCH)
    assert waits == []


async def test_heartbeats_and_commits_go_at_once_and_in_their_group(waits: list[float]) -> None:
    client = Client([300])
    pace_fetches(client, FetchPace(0.010, clock([100.0])))
    await client.send(1, FETCH)
    await client.send(1, "a heartbeat", group=ConnectionGroup.COORDINATION)
    assert waits == [] and client.sent[-1] == (1, "a heartbeat", ConnectionGroup.COORDINATION)


async def test_a_pause_of_nothing_is_no_pause(waits: list[float]) -> None:
    client = Client([300, 300])
    pace_fetches(client, FetchPace(0.0, clock([100.0])))
    await client.send(1, FETCH)
    await client.send(1, FETCH)
    assert waits == []


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
