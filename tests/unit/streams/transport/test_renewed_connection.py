"""A connection that renews its authentication: what is sent waits or changes over, and nothing is lost."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

import pytest
from aiokafka.conn import CloseReason
from aiokafka.errors import KafkaConnectionError, KafkaError

from liveprofile.streams.transport import renewed_connection as module
from liveprofile.streams.transport.renewed_connection import RenewedConnection
from liveprofile.streams.transport.security.expiry import Expiry


class Session:
    """A connection to a broker that answers when a test says so."""

    host, port = "kafka-1", 9092

    def __init__(self, life_s: float | None, on_close: Callable[[Any, Any], None]) -> None:
        self.ends_s = None if life_s is None else monotonic() + life_s
        self.sent: list[Any] = []
        self.answers: list[asyncio.Future[Any]] = []
        self.closed: CloseReason | None = None
        self.renewals = 0
        self.renewed = asyncio.Event()
        self.failure: Exception | None = None
        self._life_s, self._on_close = life_s, on_close

    @property
    def is_busy(self) -> bool:
        return any(not answer.done() for answer in self.answers)

    def connected(self) -> bool:
        return self.closed is None

    def send(self, request: Any, expect_response: bool = True) -> Awaitable[Any]:
        if self.closed is not None:
            raise KafkaConnectionError("closed")
        self.sent.append(request)
        self.answers.append(asyncio.get_running_loop().create_future())
        return self.answers[-1]

    async def authenticate_again(self) -> None:
        self.renewals += 1
        await self.renewed.wait()
        if self.failure is not None:
            raise self.failure
        self.ends_s = None if self._life_s is None else monotonic() + self._life_s

    def close(self, reason: CloseReason | None = None, exc: Any = None) -> str:
        if self.closed is None:
            self.closed = reason
            self._on_close(self, reason)
        return "a future"


class Provider:
    """Tokens that are to be renewed in `renew_in_s`, and end in `ends_in_s`."""

    def __init__(self, renew_in_s: float, ends_in_s: float) -> None:
        self.renew_in_s, self.ends_in_s = renew_in_s, ends_in_s
        self.failure: Exception | None = None
        self.asked = 0

    async def token(self) -> str:
        self.asked += 1
        if self.failure is not None and self.ends_in_s <= 0:
            raise self.failure
        return "token"


class Credentials:
    """Files in a version that a test sets."""

    def __init__(self, provider: Provider | None = None) -> None:
        self.provider = provider
        self.files = 1

    def version(self) -> int:
        return self.files

    def look_at_life(self) -> None:
        """Nothing ends."""


class Bench:
    """A renewed connection with all that a test looks at."""

    def __init__(self, life_s: float | None = None, provider: Provider | None = None) -> None:
        self.sessions: list[Session] = []
        self.told: list[Any] = []
        self.refusal: Exception | None = None
        self.credentials = Credentials(provider)
        self._life_s = life_s
        self.connection: Any = RenewedConnection(
            self.credentials,  # type: ignore[arg-type]
            self._connect,  # type: ignore[arg-type]
            lambda connection, reason: self.told.append((connection, reason)),
            look_s=0.02,
        )

    async def _connect(self) -> Session:
        if self.refusal is not None:
            raise self.refusal
        self.sessions.append(Session(self._life_s, self.connection.closed))
        return self.sessions[-1]


@pytest.fixture
def expiry(monkeypatch: pytest.MonkeyPatch) -> Expiry:
    """Counters of the test's own; attempts may follow each other at once."""
    made = Expiry()
    monkeypatch.setattr(module, "EXPIRY", made)
    monkeypatch.setattr(module, "AGAIN_S", -0.1)
    return made


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_requests_go_straight_to_the_connection_and_its_end_is_told_once(expiry: Expiry) -> None:
    bench = Bench()
    connection = await bench.connection.begin()
    response = connection.send("fetch")
    bench.sessions[0].answers[0].set_result("records")
    assert await response == "records" and connection.connected()
    assert connection.close(reason=CloseReason.SHUTDOWN) == "a future"
    connection.close()
    assert bench.told == [(connection, CloseReason.SHUTDOWN)] and not connection.connected()


async def test_a_session_is_authenticated_again_before_its_end_and_requests_wait_in_order(expiry: Expiry) -> None:
    bench = Bench(life_s=0.4)
    began = monotonic()
    connection = await bench.connection.begin()
    (session,) = bench.sessions
    early = connection.send("before")
    await until(lambda: session.renewals == 1)
    assert monotonic() - began >= 0.25
    waiting = [asyncio.ensure_future(connection.send(number)) for number in (1, 2)]
    await asyncio.sleep(0.02)
    assert session.sent == ["before"]
    session.renewed.set()
    await asyncio.sleep(0)
    late = asyncio.ensure_future(connection.send(3))
    await until(lambda: len(session.sent) == 4)
    assert session.sent == ["before", 1, 2, 3]
    for at, answer in enumerate(session.answers):
        answer.set_result(at)
    assert await asyncio.gather(early, *waiting, late) == [0, 1, 2, 3]
    assert expiry.renewals["reauthenticated"] == 1 and len(bench.sessions) == 1
    connection.close()


async def test_a_refused_renewal_closes_the_connection_and_what_waits_is_told(expiry: Expiry) -> None:
    bench = Bench(life_s=0.1)
    connection = await bench.connection.begin()
    (session,) = bench.sessions
    session.failure = KafkaError("refused")
    await until(lambda: session.renewals == 1)
    waiting = asyncio.ensure_future(connection.send("commit"))
    await asyncio.sleep(0)
    session.renewed.set()
    with pytest.raises(KafkaConnectionError):
        await waiting
    assert session.closed is CloseReason.AUTH_FAILURE and not connection.connected()
    assert expiry.renewals["failed"] == 1 and len(bench.told) == 1


async def test_after_a_change_of_files_a_new_connection_takes_over_and_the_old_one_ends_after_its_last_response(
    expiry: Expiry,
) -> None:
    bench = Bench()
    connection = await bench.connection.begin()
    response = connection.send("produce")
    bench.credentials.files = 2
    await until(lambda: expiry.renewals["reconnected"] == 1)
    old, new = bench.sessions
    next_one = connection.send("fetch")
    assert (old.sent, new.sent) == (["produce"], ["fetch"])
    await asyncio.sleep(0.1)
    assert old.closed is None
    old.answers[0].set_result("written")
    new.answers[0].set_result("records")
    assert (await response, await next_one) == ("written", "records")
    await until(lambda: old.closed is CloseReason.SHUTDOWN)
    assert not bench.told and connection.connected()
    await asyncio.sleep(0.1)
    assert len(bench.sessions) == 2
    connection.close()
    assert new.closed is None and len(bench.told) == 1


async def test_where_the_new_files_are_refused_the_present_connection_is_kept(expiry: Expiry) -> None:
    bench = Bench()
    connection = await bench.connection.begin()
    bench.refusal = OSError("certificate unknown")
    bench.credentials.files = 2
    await until(lambda: expiry.renewals["failed"] >= 2)
    assert connection.connected() and bench.sessions[0].closed is None
    bench.refusal = None
    await until(lambda: len(bench.sessions) == 2)
    assert connection.connected()
    connection.close()


async def test_a_session_is_renewed_also_while_new_files_are_refused(expiry: Expiry) -> None:
    bench = Bench(life_s=0.3)
    connection = await bench.connection.begin()
    bench.sessions[0].renewed.set()
    bench.refusal = OSError("unknown password")
    bench.credentials.files = 2
    await until(lambda: expiry.renewals["reauthenticated"] >= 2)
    assert connection.connected() and bench.sessions[0].closed is None
    connection.close()


async def test_without_a_new_token_a_session_is_used_until_shortly_before_its_end_and_then_given_up(
    expiry: Expiry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "END_S", 0.1)
    provider = Provider(renew_in_s=0.1, ends_in_s=0.4)
    bench = Bench(life_s=0.4, provider=provider)
    began = monotonic()
    connection = await bench.connection.begin()
    (session,) = bench.sessions
    provider.failure, provider.ends_in_s = KafkaError("no token"), 0.0
    response = connection.send("fetch")
    await until(lambda: not connection.connected())
    assert monotonic() - began >= 0.25 and session.renewals == 0
    with pytest.raises(KafkaConnectionError):
        connection.send("another")
    assert session.closed is None
    session.answers[0].set_result("records")
    assert await response == "records"
    await until(lambda: session.closed is not None)
    assert len(bench.told) == 1 and expiry.renewals["failed"] == 1


async def test_a_token_that_would_bring_no_longer_session_is_not_sent_again(expiry: Expiry) -> None:
    provider = Provider(renew_in_s=0.05, ends_in_s=0.5)
    bench = Bench(life_s=2.0, provider=provider)
    connection = await bench.connection.begin()
    provider.failure = KafkaError("no token")
    await until(lambda: provider.asked >= 2)
    assert bench.sessions[0].renewals == 0 and connection.connected()
    provider.failure, provider.ends_in_s = None, 10.0
    await until(lambda: bench.sessions[0].renewals == 1)
    connection.close()


async def test_where_the_broker_ends_no_session_the_token_alone_is_renewed(expiry: Expiry) -> None:
    provider = Provider(renew_in_s=0.01, ends_in_s=10.0)
    bench = Bench(provider=provider)
    connection = await bench.connection.begin()
    await until(lambda: provider.asked >= 1)
    assert bench.sessions[0].renewals == 0
    connection.close()


async def test_with_a_token_the_renewal_comes_between_three_and_four_fifths_of_its_life(expiry: Expiry) -> None:
    for _ in range(50):
        bench = Bench(life_s=60.0, provider=Provider(renew_in_s=45.0, ends_in_s=60.0))
        connection = await bench.connection.begin()
        assert 45.0 <= connection._due_s - monotonic() <= 48.1
        connection.close()
