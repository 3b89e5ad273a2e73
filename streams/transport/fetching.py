"""The consumer thread that fetches record batches; a fetch never spans a rebalance, and can be interrupted."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from contextlib import suppress
from time import monotonic
from typing import Any

from aiokafka import AIOKafkaConsumer
from faust.types.tuples import TP

from liveprofile.streams.transport.connecting import ConnectionGate
from liveprofile.streams.transport.pacing import pace_fetches
from liveprofile.streams.transport.positions import seek_to_committed
from liveprofile.streams.transport.private_hooks.of_aiokafka import (
    client_of,
    end_coordination,
    fetch_near,
    fetch_position,
    fetched_already,
    generation_of,
    is_reassigning,
    new_data,
)
from liveprofile.streams.transport.private_hooks.of_faust import NO_GENERATION, Fetched, OpenThread


class BatchConsumerThread(OpenThread):
    """Faust's consumer thread, with a fetch that can be interrupted.

    aiokafka's `fetched_records` waits for the next assignment if a rebalance begins meanwhile, but Faust's revocation
    waits for the fetch. So this class does the waiting, and the fetch returns at once when a rebalance begins.
    """

    def begun(self) -> None:
        """Nothing is interrupted yet."""
        self._interrupted = False
        self._waiting: asyncio.Future[None] | None = None
        self._gate: ConnectionGate | None = None

    def created(self, consumer: AIOKafkaConsumer) -> None:
        """Space out the attempts to connect, and the fetches; and say which rack this process is in."""
        client = client_of(consumer)
        self._gate = ConnectionGate(client)
        pace_fetches(client, self.consumer.transport.pace)
        if self.consumer.transport.rack:
            fetch_near(consumer, self.consumer.transport.rack)

    def give_up(self) -> None:
        """Wait for no broker any more, so that the consumer can be stopped; callable from any thread."""
        if self._gate is not None:
            self._gate.give_up()

    def interrupt(self) -> None:
        """End the present fetch, or the next one, at once; callable from any thread, at any time."""
        if not self.thread_loop.is_closed():
            self.thread_loop.call_soon_threadsafe(self._interrupt)

    def hurry(self, topics: Collection[str]) -> None:
        """Fetch from topics at once, because this process has written to them; callable from any thread."""
        if not self.thread_loop.is_closed():
            self.thread_loop.call_soon_threadsafe(self.consumer.transport.pace.hurry, topics)

    def set_shutdown(self) -> None:
        """Tell the main thread that this one has ended, if it still waits: without Kafka it does not wait for long."""
        if not self.parent_loop.is_closed():
            with suppress(RuntimeError):  # it closes just now
                super().set_shutdown()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """End the fetch before the main thread starts to revoke the partitions.

        A member that the group has removed must not join again. The process will end, and joining first would cost the
        others two rebalances, or would remove the worker that has its instance id now. aiokafka joins again after
        any other exception here; a cancellation just ends its coordination.
        """
        self._interrupt()
        if revoked and not self.in_group:
            raise asyncio.CancelledError("removed from the group")
        await super().on_partitions_revoked(revoked)

    async def on_thread_stop(self) -> None:
        """Close the consumer; one that was put out must not first wait for its coordination, which would join again."""
        if self.kafka is not None and self.kafka.assignment() and not self.in_group:
            await end_coordination(self.kafka)
        with suppress(asyncio.CancelledError):  # of the coordination, if it is put out only now
            await super().on_thread_stop()

    @property
    def in_group(self) -> bool:
        """False before the group is joined, and once the group has put this member out (its generation is reset)."""
        return self.kafka is not None and generation_of(self.kafka) != NO_GENERATION

    def fetch_position(self, place: TP) -> tuple[int | None, int | None]:
        """The next offset to give out, and the partition's end as of the last response; callable from any thread."""
        return fetch_position(self.kafka, place) if self.kafka is not None else (None, None)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Set positions from the committed offsets, and say what the log has lost."""
        lost: Mapping[TP, int] = await self.call_thread(seek_to_committed, self.started_kafka())
        return lost

    async def fetch_records(
        self, consumer: AIOKafkaConsumer, partitions: Collection[TP], longest_s: float, max_records: int | None
    ) -> Fetched:
        """What has been fetched, or is within `longest_s`; nothing once a rebalance begins."""
        deadline = monotonic() + longest_s
        while True:
            if not self._may_fetch(consumer):
                return {}
            records = await fetched_already(consumer, partitions, max_records)
            remaining = deadline - monotonic()
            if records or remaining <= 0 or await self._interrupted_within(consumer, remaining):
                return records

    def _may_fetch(self, consumer: AIOKafkaConsumer) -> bool:
        return not is_reassigning(consumer) and bool(self.consumer.flow_active)

    async def _interrupted_within(self, consumer: Any, longest_s: float) -> bool:
        """Wait for new data or an interruption; true when interrupted."""
        if not self._interrupted:
            self._waiting = arrived = new_data(consumer)
            timer = asyncio.get_running_loop().call_later(longest_s, _end, arrived)
            try:
                await arrived  # raises the fetcher's error, such as a failed authorization
            finally:
                timer.cancel()
                arrived.cancel()
                self._waiting = None
        interrupted, self._interrupted = self._interrupted, False
        return interrupted

    def _interrupt(self) -> None:
        self._interrupted = True
        if self._waiting is not None:
            _end(self._waiting)


def _end(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)
