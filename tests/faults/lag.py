"""The lag: how many records an application has not committed, and how long it takes after a fault until few wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

EVERY_S = 0.1
NO_OUTAGE_S = 4.0
"""A fault after which the lag stayed small for so long did not interrupt anything."""


class LagMeter:
    """Asks again and again: what of the inputs and `activity` is not committed."""

    def __init__(self, bootstrap: str, group: str, topics: Sequence[str], partitions: int) -> None:
        self._bootstrap = bootstrap
        self._group = group
        self._places = [TopicPartition(topic, number) for topic in topics for number in range(partitions)]
        self._clients: tuple[AIOKafkaConsumer, AIOKafkaAdminClient] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close()

    async def now(self) -> int | None:
        """Records that wait; None when the broker does not tell."""
        try:
            async with asyncio.timeout(5.0):
                consumer, admin = await self._open()
                ends = await consumer.end_offsets(self._places)
                committed = await admin.list_consumer_group_offsets(self._group)
        except (KafkaError, OSError, TimeoutError, ValueError, AssertionError):
            await self._close()
            return None
        return sum(end - max(0, committed[at].offset if at in committed else 0) for at, end in ends.items())

    async def _open(self) -> tuple[AIOKafkaConsumer, AIOKafkaAdminClient]:
        if self._clients is None:
            consumer = AIOKafkaConsumer(bootstrap_servers=self._bootstrap)
            admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
            self._clients = (consumer, admin)
            await consumer.start()
            await admin.start()
        return self._clients

    async def _close(self) -> None:
        clients, self._clients = self._clients, None
        if clients is not None:
            with suppress(Exception):
                await clients[0].stop()
            with suppress(Exception):
                await clients[1].close()


@dataclass
class Recoveries:
    """Follows the lag, and notes for each fault the seconds until it was under a second of traffic again (I7)."""

    meter: LagMeter
    traffic: Callable[[], float]
    """Events a second now."""
    seconds: list[float] = field(default_factory=list)
    struck_again: int = 0
    """Faults whose time was not taken, since another followed too soon."""
    lag: int | None = None
    """The last that was seen."""
    _open: list[float] = field(default_factory=list)
    _exceeded: bool = False
    _task: asyncio.Task[None] | None = None

    def struck(self) -> None:
        """A fault has just been done. One that strikes before the last is recovered from begins the time anew."""
        self._exceeded = False
        self.struck_again += bool(self._open)
        self._open = [asyncio.get_running_loop().time()]

    def begin(self) -> None:
        """Begin to follow."""
        self._task = asyncio.create_task(self._follow())

    async def end(self) -> None:
        """Follow no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))

    async def over(self, within_s: float = 300.0) -> None:
        """Wait until every fault is recovered from. TimeoutError after `within_s`."""
        async with asyncio.timeout(within_s):
            while self._open:  # noqa: ASYNC110 - Kafka tells nobody
                await asyncio.sleep(EVERY_S)

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(EVERY_S)
            self.lag = await self.meter.now()
            small = self.lag is not None and self.lag <= max(200.0, self.traffic())
            self._exceeded = self._exceeded or not small
            if small and self._open:
                now = loop.time()
                if self._exceeded:
                    self.seconds += [now - at for at in self._open]
                    self._open.clear()
                elif now - self._open[-1] > NO_OUTAGE_S:
                    self.seconds += [0.0 for _ in self._open]
                    self._open.clear()
