"""Faust's consumer, thread and app with the private names that we override or call given public ones."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import faust
from aiokafka import AIOKafkaConsumer
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import TP

from liveprofile.streams.transport.record import Record

NO_GENERATION: int = driver.DEFAULT_GENERATION_ID
"""The generation of a consumer that is in no group."""
Fetched = Mapping[TP, Sequence[Record]]


class OpenConsumer(driver.Consumer):  # type: ignore[misc]  # Faust is taken as untyped
    """Faust's consumer: override `new_thread` and `drain`, call the rest."""

    def new_thread(self) -> Any:
        """The thread that talks to Kafka."""
        raise NotImplementedError

    async def drain(self, fetcher: Any) -> None:
        """Fetch and deliver until the fetcher stops."""
        raise NotImplementedError

    @property
    def thread(self) -> Any:
        """What `new_thread` made."""
        return self._thread

    def active_partitions(self) -> set[TP]:
        """The partitions that may be fetched."""
        found: set[TP] = self._get_active_partitions()
        return found

    async def fetch(self, partitions: Collection[TP], longest_s: float) -> Fetched:
        """Records by partition, through the thread."""
        fetched: Fetched = await self._getmany(partitions, timeout=longest_s)
        return fetched

    def message_of(self, tp: TP, record: Record) -> Any:
        """The envelope in which a record goes to streams and agents."""
        return self._to_message(tp, record)

    async def store(self, offsets: Mapping[TP, int]) -> bool:
        """Commit offsets with the group; whether they were stored."""
        return bool(await self._commit(offsets))

    def _new_consumer_thread(self) -> Any:
        return self.new_thread()

    async def _drain_messages(self, fetcher: Any) -> None:
        await self.drain(fetcher)


class OpenThread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]  # Faust is taken as untyped
    """Faust's consumer thread: override `fetch_records`, `begun` to make what it needs, and `created`."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.begun()

    def begun(self) -> None:
        """Called once, when the thread object is complete."""

    async def fetch_records(
        self, consumer: AIOKafkaConsumer, partitions: Collection[TP], longest_s: float, max_records: int | None
    ) -> Fetched:
        """Records by partition, after at most `longest_s`; runs in the thread."""
        raise NotImplementedError

    def created(self, consumer: AIOKafkaConsumer) -> None:
        """Called in the thread with its consumer, which has not started yet."""

    @property
    def kafka(self) -> AIOKafkaConsumer | None:
        """The consumer, None before the thread has started."""
        return self._consumer

    def started_kafka(self) -> AIOKafkaConsumer:
        """The consumer. Raises Faust's error before the thread has started."""
        return self._ensure_consumer()

    def _create_consumer(self, loop: asyncio.AbstractEventLoop) -> AIOKafkaConsumer:
        consumer = super()._create_consumer(loop)
        self.created(consumer)
        return consumer

    async def _fetch_records(
        self,
        consumer: AIOKafkaConsumer,
        active_partitions: Collection[TP],
        timeout: float | None = None,  # noqa: ASYNC109  Faust's signature
        max_records: int | None = None,
    ) -> Fetched:
        return await self.fetch_records(consumer, active_partitions, timeout or 0.0, max_records)


class OpenApp(faust.App):  # type: ignore[misc]  # Faust is taken as untyped
    """Faust's app: override `rebalanced_when_stopped`."""

    def rebalanced_when_stopped(self) -> None:
        """A rebalance came while the app was stopping."""

    def _on_rebalance_when_stopped(self) -> None:
        self.rebalanced_when_stopped()
