"""A connection to a broker whose authentication is renewed while it lives; to aiokafka it looks like its own."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Awaitable, Callable, Mapping
from functools import cache, lru_cache
from time import monotonic
from typing import Any

from aiokafka.conn import CloseReason
from aiokafka.errors import KafkaConnectionError, KafkaError

from liveprofile.streams.transport.private_hooks.of_connections import Session, make_connections_by
from liveprofile.streams.transport.security.credentials import Credentials, credentials_of, settings_of
from liveprofile.streams.transport.security.expiry import EXPIRY, FAILED, REAUTHENTICATED, RECONNECTED
from liveprofile.streams.transport.security.trouble import Trouble

SHARES = (0.75, 0.8)
"""A session is renewed after a share of its life between these two, so that connections do not do it all at once."""
LOOK_S = 5.0
"""Time between two looks at the files."""
AGAIN_S = 1.0
"""Time between attempts to renew; a broker allows no more than one in a second."""
END_S = 0.5
"""So long before its end a session that could not be renewed is given up: what is under way then still gets through."""
EMPTY_S = 0.05
"""Time between two looks whether a replaced connection has got all its responses."""
_FAILURES = (KafkaError, OSError, TimeoutError)

Connect = Callable[[], Awaitable[Session]]


class RenewedConnection:
    """What aiokafka's clients use of a connection, over one that is replaced without their noticing.

    Before a session ends, the connection authenticates again (KIP-368). What is sent meanwhile waits. When a file of
    the settings has changed, a second connection is made, takes over, and the first closes after its last response.
    """

    def __init__(
        self, credentials: Credentials, connect: Connect, on_close: Callable[..., None] | None, look_s: float = LOOK_S
    ) -> None:
        """`connect` gives a new authenticated connection; `on_close` is aiokafka's, for this object and a reason."""
        self._credentials = credentials
        self._connect = connect
        self._on_close = on_close
        self._look_s = look_s
        self._open = asyncio.Event()
        self._open.set()
        self._waiting = 0
        self._retired: set[asyncio.Task[None]] = set()
        self._keeper: asyncio.Task[None] | None = None
        self._has_ended = False

    async def begin(self) -> RenewedConnection:
        """Connect for the first time. Raises as aiokafka does."""
        self._version = self._credentials.version()
        self._session = await self._connect()
        self._plan()
        self._keeper = asyncio.create_task(self._keep())
        return self

    def __repr__(self) -> str:
        return f"<RenewedConnection {self._session!r}>"

    def send(self, request: Any, expect_response: bool = True) -> Awaitable[Any]:
        """Send a request, in order; what is returned gives the response. KafkaConnectionError if that cannot be."""
        if self._open.is_set() and not self._waiting:
            return self._sent(request, expect_response)
        return self._later(request, expect_response)

    def connected(self) -> bool:
        """Whether requests can be sent."""
        return not self._has_ended and bool(self._session.connected())

    def close(self, reason: CloseReason | None = None, exc: BaseException | None = None) -> Any:
        """Close; the future is done when that is complete."""
        self._stop()
        return self._session.close(reason=reason, exc=exc)

    def closed(self, session: Session, reason: CloseReason | None) -> None:
        """Called when a connection beneath has been closed, by whichever side."""
        if getattr(self, "_session", None) is session:
            self._stop()
            if self._on_close is not None:
                self._on_close(self, reason)
                self._on_close = None

    def _sent(self, request: Any, expect_response: bool) -> Awaitable[Any]:
        if self._has_ended:
            raise KafkaConnectionError(f"The session with {self._session.host}:{self._session.port} has ended")
        sent: Awaitable[Any] = self._session.send(request, expect_response)
        return sent

    async def _later(self, request: Any, expect_response: bool) -> Any:
        self._waiting += 1
        try:
            await self._open.wait()
            sent = self._sent(request, expect_response)
        finally:
            self._waiting -= 1
        return await sent

    def _stop(self) -> None:
        """No more renewals; what waits to be sent finds the connection closed."""
        if self._keeper is not None:
            self._keeper.cancel()
        self._open.set()

    def _plan(self) -> None:
        """When to renew: after a share of the session's life, and of the token's, if that is earlier."""
        now_s, (low, high), ends_s = monotonic(), SHARES, self._session.ends_s
        share, provider = random.uniform(low, high), self._credentials.provider
        self._due_s = math.inf if ends_s is None else now_s + share * (ends_s - now_s)
        if provider is not None:
            renew_s = max(0.0, provider.renew_in_s)
            spare_s = (share - low) * max(0.0, provider.ends_in_s - renew_s) / (1 - low)
            self._due_s = min(self._due_s, now_s + renew_s + spare_s)
        self._due_s = max(self._due_s, now_s + AGAIN_S + 0.1)

    async def _keep(self) -> None:
        while self.connected():
            look_s = self._look_s * random.uniform(0.5, 1.0)
            await asyncio.sleep(max(0.0, min(look_s, self._due_s - monotonic())))
            self._credentials.look_at_life()
            changed = self._credentials.version() != self._version
            replaced = changed and await self._replace()
            if not replaced and monotonic() >= self._due_s:
                await self._renew()

    async def _replace(self) -> bool:
        """Connect with what the files hold now; false where that fails, and the present connection is kept."""
        version = self._credentials.version()
        try:
            session = await self._connect()
        except _FAILURES as error:
            EXPIRY.count(FAILED)
            _trouble(self._session).met(
                f"A file of [kafka] has changed, and Kafka at {self._session.host}:{self._session.port} takes no "
                f"connection with it ({type(error).__name__}). Present connections are kept; it is tried again. Check "
                "the new file, and the broker's log."
            )
            return False
        before, self._session, self._version = self._session, session, version
        retiring = asyncio.create_task(_retire(before))
        self._retired.add(retiring)
        retiring.add_done_callback(self._retired.discard)
        self._plan()
        EXPIRY.count(RECONNECTED)
        _trouble(self._session).over()
        return True

    async def _renew(self) -> None:
        """Get a new token where one is due, then authenticate again where the broker limits sessions."""
        provider, ends_s = self._credentials.provider, self._session.ends_s
        if provider is not None:
            try:
                await provider.token()
            except KafkaError:
                await self._go_on_until(ends_s)
                return
            if provider.failure is not None and ends_s is not None and monotonic() + provider.ends_in_s <= ends_s + 1:
                await self._go_on_until(ends_s)  # the present token would bring no longer session
                return
        if ends_s is None:
            self._plan()
        else:
            await self._authenticate_again()

    async def _go_on_until(self, ends_s: float | None) -> None:
        """There is no new token: the provider has told it. Try again, and give the session up when it ends."""
        now_s = monotonic()
        if ends_s is not None and now_s >= ends_s - END_S:
            EXPIRY.count(FAILED)
            self._has_ended = True
            self._open.set()
            await _retire(self._session)
            return
        self._due_s = min(now_s + AGAIN_S, math.inf if ends_s is None else max(now_s, ends_s - END_S))

    async def _authenticate_again(self) -> None:
        session = self._session
        self._open.clear()
        try:
            await session.authenticate_again()
        except _FAILURES as error:
            EXPIRY.count(FAILED)
            _trouble(self._session).met(
                f"Kafka at {session.host}:{session.port} does not take the renewed authentication of a connection "
                f"({type(error).__name__}): it connects anew. The broker's log says why; check the credentials of "
                "[kafka]."
            )
            session.close(reason=CloseReason.AUTH_FAILURE)
        else:
            self._plan()
            EXPIRY.count(REAUTHENTICATED)
            _trouble(self._session).over()
        finally:
            self._open.set()


def _trouble(session: Session) -> Trouble:
    return _trouble_at(f"{session.host}:{session.port}")


@lru_cache(maxsize=64)
def _trouble_at(address: str) -> Trouble:
    """One for all connections to a broker, so that each trouble is told once."""
    return Trouble(f"Connections to Kafka at {address} are renewed again.")


async def _retire(session: Session) -> None:
    """Close a connection after its last response."""
    try:
        while session.is_busy and session.connected():  # noqa: ASYNC110 - aiokafka tells nobody
            await asyncio.sleep(EMPTY_S)
    finally:
        session.close(reason=CloseReason.SHUTDOWN)


def _make(host: str, port: int, arguments: Mapping[str, Any]) -> Awaitable[RenewedConnection] | None:
    """A renewed connection for a client of ours; None for anybody else's."""
    security = settings_of(arguments)
    if security is None:
        return None
    credentials = credentials_of(security)
    known = {**arguments}
    on_close = known.pop("on_close", None)

    async def connect() -> Session:
        known.update(credentials.arguments(known))
        session = Session(host, port, **known, on_close=lambda inner, reason: made.closed(inner, reason))
        await session.connect()
        return session

    made = RenewedConnection(credentials, connect, on_close)
    return made.begin()


@cache
def renew_connections() -> None:
    """From now on, connections of clients with our arguments are renewed; those of other code stay as they are."""
    make_connections_by(_make)
