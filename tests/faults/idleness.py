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
        self.over = False
        """Set to end `follow`: a cancellation can be lost in a client that is closing just then."""
        self._shop = shop
        self._admin: AIOKafkaAdminClient | None = None

    async def follow(self) -> None:
        """Look every half second, until `over`."""
        loop = asyncio.get_running_loop()
        before, since_s = None, loop.time()
        while not self.over:
            committed = await self._committed()
            if committed is None or committed != before or not self._shop.recoveries.lag:
                before, since_s = committed, loop.time()
            self.longest_s = max(self.longest_s, loop.time() - since_s)
            await asyncio.sleep(EVERY_S)
        await self._close()

    async def _committed(self) -> int | None:
        """The sum of the group's committed offsets; None when the broker does not tell."""
        try:
            async with asyncio.timeout(3.0):
                admin = await self._open()
                committed = await admin.list_consumer_group_offsets(self._shop.topics.group)
                return sum(at.offset for at in committed.values())
        except (KafkaError, OSError, TimeoutError, ValueError, AssertionError):
            await self._close()
            return None

    async def _open(self) -> AIOKafkaAdminClient:
        if self._admin is None:
            self._admin = AIOKafkaAdminClient(bootstrap_servers=self._shop.bootstrap)
            await self._admin.start()
        return self._admin

    async def _close(self) -> None:
        admin, self._admin = self._admin, None
        if admin is not None:
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
        idleness.over = True
        await following
