"""Where the workers are, looked at for all callers together: many pages cost one look every other second."""

import asyncio
import time
from contextlib import AsyncExitStack

from aiokafka.errors import KafkaError

from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import NoKafkaError
from liveprofile.streams.query.status import Status, StatusReader, open_status
from liveprofile.streams.transport.connection import Bootstrap

FRESH_S = 2.0
LEAST_S = 1.0
"""Shortest time between two looks whose difference is a rate."""
LONGEST_S = 15.0
"""Longest time of a look."""


class Lookout:
    """Keeps a connection from the first question on, and the last two looks."""

    def __init__(self, bootstrap: Bootstrap, topics: Topics) -> None:
        self._bootstrap, self._topics = bootstrap, topics
        self._lock = asyncio.Lock()
        self._open: AsyncExitStack | None = None
        self._reader: StatusReader | None = None
        self._looked_s = float("-inf")
        self._last: Status | None = None
        self._before: Status | None = None

    async def look(self) -> tuple[Status, Status | None]:
        """The status of now or of two seconds ago at most, and an earlier one to compare it with.

        UserError where Kafka does not answer, or does not allow it; TimeoutError.
        """
        async with self._lock:
            if self._last is None or time.monotonic() - self._looked_s > FRESH_S:
                try:
                    async with asyncio.timeout(LONGEST_S):
                        found = await (await self._connected()).now()
                except (KafkaError, OSError) as error:
                    await self._disconnect()
                    raise NoKafkaError(
                        f"Kafka does not answer: {type(error).__name__}.", "Wait until it does."
                    ) from None
                except TimeoutError:
                    await self._disconnect()
                    raise
                if self._last is None or found.at_ms - self._last.at_ms >= LEAST_S * 1000:
                    self._before = self._last
                self._last, self._looked_s = found, time.monotonic()
            return self._last, self._before

    async def close(self) -> None:
        """Disconnect."""
        async with self._lock:
            await self._disconnect()

    async def _connected(self) -> StatusReader:
        if self._reader is None:
            async with AsyncExitStack() as opening:
                self._reader = await opening.enter_async_context(open_status(self._bootstrap, self._topics))
                self._open = opening.pop_all()
        return self._reader

    async def _disconnect(self) -> None:
        opened, self._open, self._reader = self._open, None, None
        if opened is not None:
            await opened.aclose()
