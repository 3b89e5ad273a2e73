"""Gaps: for how long nobody works on a partition, as its committed offset shows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

EVERY_S = 0.1


class Standstills:
    """The longest time that each partition stood still while records waited on it.

    >>> seen = Standstills()
    >>> for now_s, committed, end in ((0.0, 5, 5), (1.0, 5, 9), (3.0, 5, 12), (4.0, 12, 12), (9.0, 12, 12)):
    ...     seen.look("clicks", now_s, committed, end)
    >>> seen.longest
    {'clicks': 4.0}
    """

    def __init__(self) -> None:
        self.longest: dict[object, float] = {}
        self._moved: dict[object, tuple[int, float]] = {}

    def look(self, place: object, now_s: float, committed: int, end: int) -> None:
        """Take one look: a partition moves when its offset does; one on which nothing waits does not stand still."""
        before, since_s = self._moved.get(place, (committed, now_s))
        self.longest[place] = max(self.longest.get(place, 0.0), now_s - since_s if before < end else 0.0)
        if committed != before or committed >= end:
            self._moved[place] = committed, now_s
        else:
            self._moved[place] = before, since_s


class GapMeter:
    """Follows the committed offsets of a group while it is open: `async with GapMeter(...) as gaps`."""

    def __init__(self, bootstrap: str, group: str, topics: Sequence[str], partitions: int) -> None:
        self._bootstrap = bootstrap
        self._group = group
        self._places = [TopicPartition(topic, number) for topic in topics for number in range(partitions)]
        self._seen = Standstills()

    async def __aenter__(self) -> Self:
        self._consumer = AIOKafkaConsumer(bootstrap_servers=self._bootstrap)
        self._admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap)
        await self._consumer.start()
        await self._admin.start()
        self._task = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.wait((self._task,))
        await self._consumer.stop()
        await self._admin.close()

    @property
    def longest_s(self) -> float:
        """The longest gap of any partition so far, seconds; 0.1 s and an interval of commits are part of it."""
        return max(self._seen.longest.values(), default=0.0)

    @property
    def where(self) -> str:
        """The partition of the longest gap, `topic/partition`."""
        worst = max(self._seen.longest, key=lambda place: self._seen.longest[place], default=None)
        return f"{worst.topic}/{worst.partition}" if isinstance(worst, TopicPartition) else ""

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            with suppress(KafkaError, OSError):
                committed = await self._admin.list_consumer_group_offsets(self._group)
                ends = await self._consumer.end_offsets(self._places)
                now_s = loop.time()
                for place, end in ends.items():
                    self._seen.look(place, now_s, committed[place].offset if place in committed else 0, end)
            await asyncio.sleep(EVERY_S)
