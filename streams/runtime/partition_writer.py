"""Combines concurrent writes of several callers to one partition into common record batches."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError

from liveprofile.streams.runtime.departures import Departures
from liveprofile.streams.transport.fencing_token import FencingToken
from liveprofile.streams.transport.private_hooks.of_aiokafka import add_at_once
from liveprofile.streams.transport.record import Item

LOG_APPEND_TIME = 1

Durable = asyncio.Future[int | None]
"""Done when records are durable, with the broker's time of the last one in epoch milliseconds; None if the topic keeps
its producers' times."""


@dataclass(slots=True)
class _Waiting:
    """Items of one call, and the future that its caller awaits."""

    items: Sequence[Item]
    durable: Durable


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
        departures: Departures | None = None,
    ) -> None:
        """With a `fencing_token`, the broker refuses these writes after another process has acquired the token.

        Records are given to the producer at the next of the `departures`, which several writers share; without them, at
        the next turn of the event loop.
        """
        self._producer = producer
        self._departures = departures or Departures(0.0)
        self._fencing_token = fencing_token
        self._topic = topic
        self._partition = partition
        self._waiting: list[_Waiting] = []
        self._is_due = False
        self._handing_over: asyncio.Task[None] | None = None
        self.reached = -1
        """An offset up to which all records written here are durable; -1 for none."""

    def write(self, items: Sequence[Item]) -> Durable:
        """Write items, one or more; the future fails with aiokafka's error if it is unknown whether they are there."""
        durable: Durable = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(items, durable))
        self._leave_at_next_departure()
        return durable

    def cancel(self) -> None:
        """Drop unconfirmed records."""
        if self._handing_over is not None:
            self._handing_over.cancel()

    def _leave_at_next_departure(self) -> None:
        if not self._is_due and self._handing_over is None:
            self._is_due = True
            self._departures.add(self._leave)

    def _leave(self) -> None:
        """Give the producer what waits: at once if it has room, which is nearly always, or else from a task."""
        self._is_due = False
        group, self._waiting = self._waiting, []
        made = self._signed_batches(group)
        try:
            first, second = next(made), next(made, None)
            if second is None:
                delivery = add_at_once(self._producer, first, self._topic, self._partition)
                if delivery is not None:
                    delivery.add_done_callback(self._note_reached)
                    self._tell(group, [delivery])
                    return
        except Exception as error:
            self._tell(group, [_failed(error)])
            return
        rest = chain((first,) if second is None else (first, second), made)
        self._handing_over = asyncio.create_task(self._hand_over(group, rest))

    def _signed_batches(self, group: list[_Waiting]) -> Iterator[Any]:
        for batch in batches(self._producer, chain.from_iterable(waiting.items for waiting in group)):
            if self._fencing_token is not None:
                self._fencing_token.sign(batch, self._topic, self._partition)
            yield batch

    async def _hand_over(self, group: list[_Waiting], made: Iterator[Any]) -> None:
        """Give the producer the group's batches, one after the other; what was written meanwhile leaves next."""
        deliveries: list[asyncio.Future[Any]] = []
        try:
            for batch in made:
                delivery = await self._hand_one_over(batch)
                delivery.add_done_callback(self._note_reached)
                deliveries.append(delivery)
        except Exception as error:
            deliveries.append(_failed(error))
        finally:
            self._handing_over = None
        self._tell(group, deliveries)
        if self._waiting:
            self._leave_at_next_departure()

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

    def _tell(self, group: list[_Waiting], deliveries: list[asyncio.Future[Any]]) -> None:
        """Have the group told when the fate of all its batches is known."""
        for delivery in deliveries:
            delivery.add_done_callback(partial(_confirm_if_all_done, group, deliveries))

    def _note_reached(self, delivery: asyncio.Future[Any]) -> None:
        """Update the durable offset: batches become durable in order; the offset is that of a batch's first record."""
        if not delivery.cancelled() and delivery.exception() is None:
            self.reached = max(self.reached, delivery.result().offset)


def _confirm_if_all_done(group: list[_Waiting], deliveries: list[asyncio.Future[Any]], _: Any) -> None:
    if all(delivery.done() for delivery in deliveries):
        _confirm(group, deliveries)


def _confirm(group: list[_Waiting], deliveries: Sequence[asyncio.Future[Any]]) -> None:
    """Give every caller of the group the result of its batches."""
    failure = next((found for one in deliveries if (found := _problem(one)) is not None), None)
    for waiting in group:
        if waiting.durable.done():
            continue  # the caller was cancelled, or has waited long enough
        if failure is None:
            waiting.durable.set_result(_broker_ms(deliveries[-1].result()))
        else:
            waiting.durable.set_exception(failure)


def _problem(delivery: asyncio.Future[Any]) -> BaseException | None:
    return asyncio.CancelledError() if delivery.cancelled() else delivery.exception()


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
