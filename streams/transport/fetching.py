"""The consumer thread that fetches runs; a fetch never crosses a rebalance, and ends early when it is asked to."""

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

from liveprofile.streams.transport.positions import seek_to_committed
from liveprofile.streams.transport.record import Record

Fetched = Mapping[TP, Sequence[Record]]


class BatchConsumerThread(AIOKafkaConsumerThread):  # type: ignore[misc]  # Faust is taken as untyped
    """Faust's consumer thread, with a fetch that can be interrupted.

    aiokafka's own `fetched_records` waits for the next assignment when a rebalance begins under it, while Faust's
    revocation waits for the fetch: here the waiting is ours, and the fetch returns at once when a rebalance begins.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        self._interrupted = asyncio.Event()

    def interrupt(self) -> None:
        """End the fetch under way, or the next one, at once; from any thread, at any time."""
        if not self.thread_loop.is_closed():
            self.thread_loop.call_soon_threadsafe(self._interrupted.set)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """End the fetch before the main thread starts to give the partitions up.

        A member that the group has put out is not let back in: the process ends, and joining first would cost the
        others two rebalances, or take the place of the worker that has its instance id now. aiokafka joins again
        whatever else is raised here; cancelled, its coordination just ends.
        """
        self._interrupted.set()
        if revoked and not self.in_group:
            raise asyncio.CancelledError("put out of the group")
        await super().on_partitions_revoked(revoked)

    async def on_thread_stop(self) -> None:
        """Close the consumer; one that was put out must not first wait for its coordination, which would join again."""
        if self._consumer is not None and self._consumer.assignment() and not self.in_group:
            coordination = self._consumer._coordinator._coordination_task
            coordination.cancel()
            await asyncio.wait((coordination,))
        with suppress(asyncio.CancelledError):  # of the coordination, if it is put out only now
            await super().on_thread_stop()

    @property
    def in_group(self) -> bool:
        """False before the group is joined, and once the group has put this member out (its generation is reset)."""
        return self._consumer is not None and self._consumer._coordinator.generation != DEFAULT_GENERATION_ID

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Set positions from the committed offsets, and say what the log has lost."""
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
        """What the fetcher holds already. Never waits: `_may_fetch` was true, and nothing ran in between."""
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
                arrived.result()  # raises what the fetcher ran into, an authorization error say
            return self._interrupted.is_set()
        finally:
            self._interrupted.clear()
            arrived.cancel()
            interrupted.cancel()
