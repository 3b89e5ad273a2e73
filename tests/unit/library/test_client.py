"""The client of the query service: typed answers, repetitions that are worth it, a stream that goes on."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.listening import listening
from support.samples import snapshot_value
from support.serving import Shop, change, snapshot
from support.serving_fakes import TOPICS

from liveprofile.client import AsyncClient, Client, ServiceError, calls
from liveprofile.profiles.facts.facts import ProfileChanged

CLICK = {"topic": "clicks", "user_id": "u-1", "item_id": "i-1"}


def profile_id(number: int) -> str:
    """An id that differs from others in its first half, as digests do."""
    return f"{number:016x}" + "0" * 16


def whole(number: int) -> bytes:
    """A snapshot with every field that the contract wants, in a segment."""
    found = json.loads(snapshot_value(profile_id(number), 1))
    return json.dumps(found | {"segments": snapshot(number)["segments"]}).encode()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    for number in range(5):
        made.put(TOPICS.profiles, profile_id(number), whole(number))
    yield made
    made.store.close()


@pytest.fixture(autouse=True)
def no_long_waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits that the clients would have made."""
    waits: list[float] = []

    async def nap(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("liveprofile.client.synchronous.sleep", waits.append)
    monkeypatch.setattr("liveprofile.client.asynchronous.sleep", nap)
    return waits


def test_answers_are_structs_pages_are_one_list_and_a_write_gives_its_token(shop: Shop) -> None:
    with listening(shop.app) as url, Client(url) as client:
        assert client.profile(profile_id(3)).version == 1
        assert client.profile(user_id="\x03" + "\0" * 8).profile_id == profile_id(3)
        assert [one.profile_id for one in client.profiles(segment="vip", limit=2)] == [profile_id(n) for n in range(5)]
        written = client.write([CLICK])
        assert (written.written, written.token) == (1, "clicks/0@0+")
        assert client.get("/v1/segments")["profiles"] == 5
        assert client.erase(user_id="\x03" + "\0" * 8)["before"] == "profile"


async def test_the_client_for_event_loops_does_the_same(shop: Shop) -> None:
    with listening(shop.app) as url:
        async with AsyncClient(url) as client:
            assert (await client.profile(profile_id(3))).version == 1
            assert len([one async for one in client.profiles(limit=2)]) == 5
            assert (await client.write([CLICK])).token == "clicks/0@0+"
            with pytest.raises(ServiceError) as raised:
                await client.profile(profile_id(99))
    assert raised.value.kind == "not-found" and not raised.value.retryable


class Scripted:
    """Answers as a test says, and keeps what was asked."""

    def __init__(self, *answers: tuple[int, dict[str, str], bytes]) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        status, headers, body = self.answers.pop(0)
        if status == 0:
            raise httpx.ReadError("cut off", request=request)
        return httpx.Response(status, headers=headers, content=body)

    def client(self) -> Client:
        return Client("", http=httpx.Client(base_url="http://shop", transport=httpx.MockTransport(self)))


WRITTEN = (202, {"Liveprofile-Token": "clicks/0@7+"}, b'{"written":1,"positions":["clicks/0@7+"]}')


def test_a_request_is_repeated_with_its_key_after_the_wait_that_is_asked_for(no_long_waits: list[float]) -> None:
    script = Scripted((503, {"Retry-After": "5"}, b""), (0, {}, b""), (429, {"Retry-After": "1"}, b"{}"), WRITTEN)
    assert script.client().write([CLICK]).token == "clicks/0@7+"
    assert no_long_waits == [5.0, 0.4, 1.0]
    assert len({one.headers["idempotency-key"] for one in script.asked}) == 1


def test_a_position_is_waited_for_and_what_is_final_is_raised(no_long_waits: list[float]) -> None:
    problem = {
        "type": "/v1/problems/not-up-to-position",
        "title": "t",
        "status": 503,
        "detail": "d",
        "reached": "c/0@1",
    }
    behind = (503, {"Retry-After": "1"}, json.dumps(problem).encode())
    script = Scripted(*[behind] * calls.TRIES)
    with pytest.raises(ServiceError) as raised:
        script.client().profile(profile_id(1), after="clicks/0@7+", wait_s=3)
    assert raised.value.kind == "not-up-to-position" and raised.value.problem.reached == "c/0@1"
    assert len(no_long_waits) == calls.TRIES - 1
    assert {(one.headers["liveprofile-after"], one.headers["prefer"]) for one in script.asked} == {
        ("clicks/0@7+", "wait=3")
    }
    with pytest.raises(ServiceError, match="404"):
        Scripted((404, {}, b"<html>")).client().get("/v1/segments")


def frame(event_id: str, number: int) -> bytes:
    """A change, over two lines of data."""
    record = json.dumps(change(number, 1, "brands", [], ["a"]), indent=1).replace("\n", "\ndata: ")
    return f"id: {event_id}\nevent: change\ndata: {record}\n\n".encode()


def test_a_stream_goes_on_after_a_break_from_the_last_whole_event() -> None:
    script = Scripted(
        (200, {}, b"retry: 2000\n\n: \n\n" + frame("A", 1) + frame("B", 2)[:-2]),
        (503, {}, b""),
        (200, {}, frame("B", 2) + b'id: C\nevent: live\ndata: {"not_shown":3}\n\n'),
    )
    stream = script.client().stream(topics="changes")
    first, second, third = (next(stream) for _ in range(3))
    assert isinstance(first.record, ProfileChanged) and first.record.version == 1
    assert (second.id, third.kind, third.not_shown) == ("B", "live", 3)
    assert [one.headers.get("last-event-id") for one in script.asked] == [None, "A", "A"]


def test_a_profile_is_read_by_one_id() -> None:
    wrong: list[dict[str, Any]] = [{}, {"user_id": "a", "anonymous_id": "b"}]
    for ids in wrong:
        with pytest.raises(ValueError, match="one of"):
            Scripted().client().profile(**ids)
