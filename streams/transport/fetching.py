"""The consumer thread that fetches record batches; a fetch never spans a rebalance, and can be interrupted."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import ConsumerStoppedError
from faust.transport.drivers.aiokafka import DEFAULT_GENERATION_ID, AIOKafkaConsumerThread
from faust.types.tuples import TP

from liveprofile.streams.runtime.stage import Record
from liveprofile.streams.transport.positions import seek_to_committed

Fetched = Mapping[TP, Sequence[Record]]


class BatchConsumerThread(AIOKafkaConsumerThread):  # type: ignore[misc]  # Faust is taken as untyped
    """Faust's consumer thread, with a fetch that can be interrupted.

    aiokafka's `fetched_records` waits for the next assignment if a rebalance begins meanwhile, but Faust's revocation
    waits for the fetch. So this class does the waiting, and the fetch returns at once when a rebalance begins.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        self._interrupted = asyncio.Event()

    def interrupt(self) -> None:
        """End the present fetch, or the next one, at once; callable from any thread, at any time."""
        if not self.thread_loop.is_closed():
            self.thread_loop.call_soon_threadsafe(self._interrupted.set)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """End the fetch before the main thread starts to revoke the partitions.

        A member that the group has removed must not join again. The process will end, and joining first would cost the
        others two rebalances, or would remove the worker that has its instance id now. aiokafka joins again after
        any other exception here; a cancellation just ends its coordination.
        """
        self._interrupted.set()
        if revoked and not self.in_group:
            raise asyncio.CancelledError("removed from the group")
        await super().on_partitions_revoked(revoked)

    async def on_thread_stop(self) -> None:
        """Close the consumer; a removed member must not wait for its coordination, which would join again."""
        if self._consumer is not None and self._consumer.assignment() and not self.in_group:
            coordination = self._consumer._coordinator._coordination_task
            coordination.cancel()
            await asyncio.wait((coordination,))
        with suppress(asyncio.CancelledError):  # of the coordination, if the member is removed only now
            await super().on_thread_stop()

    @property
    def in_group(self) -> bool:
        """False before joining the group, and after the group has removed this member (its generation is reset)."""
        return self._consumer is not None and self._consumer._coordinator.generation != DEFAULT_GENERATION_ID

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Set positions from the committed offsets, and log lost records."""
        lost: Mapping[TP, int] = await self.call_thread(seek_to_committed, self._ensure_consumer())
        return lost

    async def _fetch_records(
        self,
        consumer: AIOKafkaConsumer,
        active_partitions: Collection[TP],
        timeout: float | None = None,  # noqa: ASYNC109  Faust's signature
        max_records: int | None = None,
    ) -> Fetched:
        deadline = monotonic() + (timeout or 0.0)
        while True:
            if not self._may_fetch(consumer):
                return {}
            records = await self._buffered(consumer, active_partitions, max_records)
            remaining = deadline - monotonic()
            if records or remaining <= 0 or await self._interrupted_within(consumer, remaining):
                return records

    def _may_fetch(self, consumer: AIOKafkaConsumer) -> bool:
        fetcher = consumer._fetcher
        if consumer._closed or fetcher._closed:
            raise ConsumerStoppedError()
        return self.consumer.flow_active and not fetcher._subscriptions.reassignment_in_progress

    async def _buffered(self, consumer: Any, partitions: Collection[TP], max_records: int | None) -> Fetched:
        """The records that the fetcher has already. Never waits: `_may_fetch` was true, and nothing ran in between."""
        with consumer._fetcher._subscriptions.fetch_context():
            fetched: Fetched = await consumer._fetcher.fetched_records(partitions, timeout=0, max_records=max_records)
            return fetched

    async def _interrupted_within(self, consumer: Any, longest_s: float) -> bool:
        """Wait for new data or an interruption; true when interrupted."""
        arrived = consumer._fetcher._create_fetch_waiter()
        interrupted = asyncio.ensure_future(self._interrupted.wait())
        try:
            await asyncio.wait((arrived, interrupted), timeout=longest_s, return_when=asyncio.FIRST_COMPLETED)
            if arrived.done():
                arrived.result()  # raises the fetcher's error, such as a failed authorization
            return self._interrupted.is_set()
        finally:
            self._interrupted.clear()
            arrived.cancel()
            interrupted.cancel()
