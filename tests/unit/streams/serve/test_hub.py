"""The hub closes the stream of a client that may not have it any longer."""

import asyncio

import pytest
from support.serving_fakes import TOPICS, FakeFollower

from liveprofile.streams.query.filters import Filters
from liveprofile.streams.serve.auth.scopes import LOCAL
from liveprofile.streams.serve.push import hub as module
from liveprofile.streams.serve.push.hub import Hub
from liveprofile.streams.serve.push.wanted import Wanted


async def test_a_stream_ends_soon_after_its_token_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_S", 0.02)
    hub, good = Hub(TOPICS, "", 10), [True, True, False]
    hub.start(asyncio.get_running_loop(), FakeFollower())  # type: ignore[arg-type]  # a fake
    wanted = Wanted(LOCAL, Filters(), None, hub.changes_topic)
    async with asyncio.timeout(5):
        said = [frame async for frame in hub.stream(wanted, None, None, lambda: good.pop(0))]
    assert b"event: live" in said[1] and good == []
    assert (hub.clients, hub.tally.closed["auth"]) == (0, 1)
