"""Waiting for an event, but not for ever."""

from __future__ import annotations

import asyncio
from contextlib import suppress


async def wait_at_most(event: asyncio.Event, longest_s: float) -> bool:
    """Wait until the event is set, `longest_s` seconds at most; returns whether it is set."""
    with suppress(TimeoutError):
        async with asyncio.timeout(longest_s):
            await event.wait()
    return event.is_set()
