"""Common moments at which records leave: those of several partitions and topics go out in one request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Departures:
    """A bus stop: the first who comes waits `wait_s`, and all who come meanwhile leave with them."""

    def __init__(self, wait_s: float) -> None:
        """`wait_s` in seconds; 0: everybody leaves at the next turn of the event loop."""
        self._wait_s = wait_s
        self._leaving: list[Callable[[], None]] = []

    def add(self, leave: Callable[[], None]) -> None:
        """Have `leave` called at the next departure."""
        if not self._leaving:
            asyncio.get_running_loop().call_later(self._wait_s, self._depart)
        self._leaving.append(leave)

    def _depart(self) -> None:
        leaving, self._leaving = self._leaving, []
        for leave in leaving:
            leave()
