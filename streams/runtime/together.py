"""Several callers of one moment do their work in common: what it costs whatever its size is paid once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

_Share = TypeVar("_Share")


class Together(Generic[_Share]):
    """Collects the shares of all callers of one turn of the event loop, and has them processed by one call.

    A later turn does not wait for an earlier one: its own work begins beside it.
    """

    def __init__(self, work: Callable[[Sequence[_Share]], Awaitable[None]]) -> None:
        """`work` gets the shares in the order of the calls."""
        self._work = work
        self._others: list[tuple[_Share, asyncio.Future[None]]] | None = None
        """The shares of those who have joined the first caller of this turn."""

    async def join(self, share: _Share) -> None:
        """Return when the share has been processed; an error of the common work is raised to all who joined."""
        if self._others is not None:
            done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._others.append((share, done))
            await done
            return
        others: list[tuple[_Share, asyncio.Future[None]]] = []
        self._others = others
        try:
            await asyncio.sleep(0)
        finally:
            self._others = None
        try:
            await self._work([share, *(other for other, _ in others)])
        except BaseException as error:
            _tell(others, error)
            raise
        _tell(others, None)


def _tell(others: Sequence[tuple[_Share, asyncio.Future[None]]], error: BaseException | None) -> None:
    for _, done in others:
        if done.done():
            continue  # its caller was cancelled
        if error is None:
            done.set_result(None)
        elif isinstance(error, asyncio.CancelledError):
            done.cancel()
        else:
            done.set_exception(error)
