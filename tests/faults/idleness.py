"""How long workers that are alive did nothing although the broker answers and records wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

if TYPE_CHECKING:
    from tests.faults.shop import Shop

EVERY_S = 0.5


class Idleness:
    """The longest spell without a committed record while some waited, seconds; a spell ends when the broker goes away.

    A worker that is being started again by its supervisor counts as alive: what it cannot do is not done.
    """

    def __init__(self, shop: Shop) -> None:
        self.longest_s = 0.0
        self._shop = shop
        self._committed: int | None = None
        self._since_s = 0.0

    async def follow(self) -> None:
        """Look every half second, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            committed = await self._ask()
            waits = bool(self._shop.recoveries.lag)
            if committed is None or committed != self._committed or not waits:
                self._committed, self._since_s = committed, loop.time()
            self.longest_s = max(self.longest_s, loop.time() - self._since_s)
            await asyncio.sleep(EVERY_S)

    async def _ask(self) -> int | None:
        """The sum of the group's committed offsets; None when the broker does not tell."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self._shop.bootstrap)
        try:
            async with asyncio.timeout(3.0):
                await admin.start()
                return sum(
                    at.offset for at in (await admin.list_consumer_group_offsets(self._shop.topics.app_id)).values()
                )
        except (KafkaError, OSError, TimeoutError, ValueError, AssertionError):
            return None
        finally:
            with suppress(Exception):
                await admin.close()


@asynccontextmanager
async def idleness_of(shop: Shop) -> AsyncIterator[Idleness]:
    """Follow a shop's idleness while the context is open."""
    idleness = Idleness(shop)
    following = asyncio.create_task(idleness.follow())
    try:
        yield idleness
    finally:
        following.cancel()
        await asyncio.wait((following,))
