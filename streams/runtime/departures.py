"""Common moments at which records leave: those of several partitions and topics go out in one request."""

from __future__ import annotations

import asyncio


class Departures:
    """A bus stop: the first who comes waits `wait_s`, and all who come meanwhile leave with them."""

    def __init__(self, wait_s: float) -> None:
        """`wait_s` in seconds; 0: everybody leaves at once."""
        self._wait_s = wait_s
        self._next: asyncio.Event | None = None

    async def next(self) -> None:
        """Return at the next departure."""
        if self._wait_s <= 0:
            return
        if self._next is None:
            self._next = asyncio.Event()
            asyncio.get_running_loop().call_later(self._wait_s, self._leave)
        await self._next.wait()

    def _leave(self) -> None:
        if self._next is not None:
            self._next.set()
        self._next = None
