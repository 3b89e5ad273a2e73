"""How much memory the workers of a shop take, looked at twice a second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from tests.faults.shop import Shop


@dataclass
class Memory:
    """The largest resident size of any worker so far, in MB (10^6 bytes)."""

    largest_mb: float = 0.0


@asynccontextmanager
async def memory_of(shop: Shop) -> AsyncIterator[Memory]:
    """Follow the memory of a shop's workers while the context is open."""
    memory = Memory()

    async def follow() -> None:
        while True:
            for worker in shop.workers.alive:
                with suppress(psutil.Error):
                    memory.largest_mb = max(memory.largest_mb, psutil.Process(worker.pid).memory_info().rss / 1e6)
            await asyncio.sleep(0.5)

    following = asyncio.create_task(follow())
    try:
        yield memory
    finally:
        following.cancel()
        await asyncio.wait((following,))
