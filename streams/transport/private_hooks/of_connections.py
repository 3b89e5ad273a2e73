"""aiokafka's connections: made by a function of ours, and one that can authenticate again while it lives."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import Any

from aiokafka import client as clients
from aiokafka.conn import AIOKafkaConnection
from aiokafka.protocol.admin import SaslAuthenticateRequest

Make = Callable[[str, int, Mapping[str, Any]], Awaitable[Any] | None]
"""Makes a connection to a host and port from aiokafka's arguments; None leaves that to aiokafka."""


def make_connections_by(make: Make) -> None:
    """Have every aiokafka client of this process ask `make` for its connections first."""
    original = clients.create_conn

    @functools.wraps(original)
    async def create(host: str, port: int, **arguments: Any) -> Any:
        made = make(host, port, arguments)
        return await (original(host, port, **arguments) if made is None else made)

    clients.create_conn = create


class Session(AIOKafkaConnection):  # type: ignore[misc]  # aiokafka is taken as untyped
    """A connection that knows when its SASL session ends, and can authenticate again (KIP-368)."""

    ends_s: float | None = None
    """When the broker ends the session, on the monotonic clock; None: it does not."""

    def send(self, request: Any, expect_response: bool = True) -> Awaitable[Any]:
        """Send a request; what is returned gives the response."""
        began_s, sent = monotonic(), super().send(request, expect_response)
        return self._noted(began_s, sent) if isinstance(request, SaslAuthenticateRequest) else sent

    async def authenticate_again(self) -> None:
        """Authenticate on the live connection. Nothing else may be sent meanwhile; requests under way do no harm.

        KafkaError, OSError or TimeoutError if that fails; the connection is of no use then.
        """
        await self._do_sasl_handshake()

    @property
    def is_busy(self) -> bool:
        """Whether responses are outstanding."""
        return bool(self._requests)

    async def _noted(self, began_s: float, sent: Awaitable[Any]) -> Any:
        response = await sent
        life_ms = getattr(response, "session_lifetime_ms", 0)
        self.ends_s = began_s + life_ms / 1000 if life_ms > 0 else None
        return response
