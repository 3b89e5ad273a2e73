"""Combines concurrent writes of several callers to one partition into common record batches."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError

from liveprofile.streams.runtime.departures import Departures
from liveprofile.streams.transport.fencing_token import FencingToken
from liveprofile.streams.transport.record import Item

LOG_APPEND_TIME = 1
AT_ONCE = Departures(0.0)


@dataclass(slots=True)
class _Waiting:
    """Items of one call, and the future that its caller awaits."""

    items: Sequence[Item]
    durable: asyncio.Future[int | None]


class PartitionWriter:
    """Writes to one partition in the order of the calls, with one batch in flight and one waiting.

    The producer sends one request at a time per partition, to keep the order. Twelve callers with a few records each
    would wait for twelve round trips. So records that arrive during one round trip are sent together in the next.
    """

    def __init__(
        self,
        producer: AIOKafkaProducer,
        topic: str,
        partition: int,
        fencing_token: FencingToken | None = None,
        departures: Departures = AT_ONCE,
    ) -> None:
        """With a `fencing_token`, the broker refuses these writes after another process has acquired the token.

        Records are given to the producer at the next of the `departures`, which several writers share.
        """
        self._producer = producer
        self._departures = departures
        self._fencing_token = fencing_token
        self._topic = topic
        self._partition = partition
        self._waiting: list[_Waiting] = []
        self._draining: asyncio.Task[None] | None = None
        self._confirming: set[asyncio.Task[None]] = set()
        self.reached = -1
        """An offset up to which all records written here are durable; -1 for none."""

    async def write(self, items: Sequence[Item]) -> int | None:
        """Return when all items are durable; raises aiokafka's error if that is unknown.

        Returns the broker's time of the last item in epoch milliseconds; None if the topic keeps its producers' times.
        """
        durable: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(items, durable))
        if self._draining is None:
            self._draining = asyncio.create_task(self._drain())
        return await durable

    def cancel(self) -> None:
        """Drop unconfirmed records."""
        for task in (self._draining, *self._confirming):
            if task is not None:
                task.cancel()

    async def _drain(self) -> None:
        try:
            while self._waiting:
                await self._departures.next()
                group, self._waiting = self._waiting, []
                await self._hand_over(group)
        finally:
            self._draining = None

    async def _hand_over(self, group: list[_Waiting]) -> None:
        """Give the group's batches to the producer; returns once it has them, so that the next can be built."""
        deliveries: list[asyncio.Future[Any]] = []
        try:
            for batch in batches(self._producer, chain.from_iterable(waiting.items for waiting in group)):
                if self._fencing_token is not None:
                    self._fencing_token.sign(batch, self._topic, self._partition)
                delivery = await self._hand_one_over(batch)
                delivery.add_done_callback(self._note_reached)
                deliveries.append(delivery)
        except Exception as error:
            deliveries.append(_failed(error))
        confirming = asyncio.create_task(_confirm(deliveries, group))
        self._confirming.add(confirming)
        confirming.add_done_callback(self._confirming.discard)

    async def _hand_one_over(self, batch: Any) -> asyncio.Future[Any]:
        """Give the producer a batch. It waits until the one before is out; what it has not taken is offered again.

        How long records may wait is for the outbox to decide, which knows whether a broker answers.
        """
        while True:
            try:
                delivery: asyncio.Future[Any] = await self._producer.send_batch(
                    batch, self._topic, partition=self._partition
                )
            except KafkaTimeoutError:
                continue
            return delivery

    def _note_reached(self, delivery: asyncio.Future[Any]) -> None:
        """Update the durable offset: batches become durable in order; the offset is that of a batch's first record."""
        if not delivery.cancelled() and delivery.exception() is None:
            self.reached = max(self.reached, delivery.result().offset)


async def _confirm(deliveries: list[asyncio.Future[Any]], group: list[_Waiting]) -> None:
    """Give every caller of the group the result of its batches."""
    results = await asyncio.gather(*deliveries, return_exceptions=True)
    failure = next((result for result in results if isinstance(result, BaseException)), None)
    for waiting in group:
        if waiting.durable.done():
            continue  # the caller was cancelled, or has waited long enough
        if failure is None:
            waiting.durable.set_result(_broker_ms(results[-1]))
        else:
            waiting.durable.set_exception(failure)


def _broker_ms(delivered: Any) -> int | None:
    return int(delivered.timestamp) if delivered.timestamp_type == LOG_APPEND_TIME else None


def _failed(error: Exception) -> asyncio.Future[Any]:
    future = asyncio.get_running_loop().create_future()
    future.set_exception(error)
    return future


def batches(producer: AIOKafkaProducer, items: Iterable[Item]) -> Iterator[Any]:
    """Closed record batches holding the items in order, each as full as the producer's `max_batch_size` allows."""
    batch = producer.create_batch()
    for key, value, headers in items:
        listed = headers if type(headers) is list else [*headers]  # aiokafka's C code accepts only lists
        if batch.append(key=key, value=value, timestamp=None, headers=listed) is None:
            yield batch
            batch = producer.create_batch()
            batch.append(key=key, value=value, timestamp=None, headers=listed)
    if batch.record_count():
        batch.close()
        yield batch
