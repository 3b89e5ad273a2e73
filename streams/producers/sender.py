"""Sends many small records to Kafka fast: prebuilt record batches, one open per partition, few in flight."""

import asyncio
import time
from collections.abc import Callable, Iterable
from functools import partial
from itertools import count
from typing import Any, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError
from aiokafka.partitioner import murmur2
from aiokafka.producer.message_accumulator import BatchBuilder

from liveprofile.streams.contract.inputs.common import REPLAYED_HEADER
from liveprofile.streams.errors import MissingTopicError, NoKafkaError, UserError
from liveprofile.streams.transport.connecting import ConnectionGate
from liveprofile.streams.transport.connection import Bootstrap, client_arguments, no_kafka
from liveprofile.streams.transport.private_hooks.of_aiokafka import abandon, keep_batches

BATCH_BYTES = 128 * 1024
IN_FLIGHT = 48
"""Batches sent and not yet acknowledged; then adding waits."""

END_S = 2.0
"""How long what is on its way may take to be acknowledged once a stop was asked for."""
END_AWAY_S = 0.5
"""The same while no broker answers."""
LOOK_S = 0.2
STOP_S = 1.0

_CACHED_KEYS = 500_000
_REPLAYED = [(REPLAYED_HEADER, b"1")]
_NONE: list[tuple[str, bytes]] = []


class _Partition:
    """One partition and its open batch; with an idempotent producer a retry never doubles a record."""

    __slots__ = ("batch", "in_flight", "number", "topic")

    def __init__(self, topic: str, number: int) -> None:
        self.topic = topic
        self.number = number
        self.batch: BatchBuilder | None = None
        self.in_flight = 0


class _Topic:
    """A topic's partitions, and a cache of the partition of each key."""

    __slots__ = ("by_key", "next", "partitions")

    def __init__(self, name: str, partitions: int) -> None:
        self.partitions = [_Partition(name, number) for number in range(partitions)]
        self.by_key: dict[bytes, _Partition] = {}
        self.next = count()

    def partition_of(self, key: bytes) -> _Partition:
        """The partition that Kafka's default partitioner gives a key; records without a key go round robin."""
        if not key:
            return self.partitions[next(self.next) % len(self.partitions)]
        if len(self.by_key) > _CACHED_KEYS:
            self.by_key.clear()
        number: int = (murmur2(key) & 0x7FFFFFFF) % len(self.partitions)
        partition = self.by_key[key] = self.partitions[number]
        return partition


class Sender:
    """An asynchronous context manager around an idempotent producer.

    `add` only fills batches; `send` hands the full ones to the producer, and on request those of idle partitions;
    leaving the context waits until everything is acknowledged. On the cluster a topic is called `prefix` and its name.
    While no broker answers, `send` waits. NoKafkaError when none answers at the start, and when a stop was asked for
    and what is on its way is not acknowledged within `END_S`; SetupError when a topic is missing.
    """

    def __init__(
        self,
        bootstrap: Bootstrap,
        topics: Iterable[str],
        *,
        prefix: str = "",
        patience_s: float = 40.0,
        asked_to_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """`patience_s` is how long a broker that is there may take for an answer."""
        self._asked_to_stop = asked_to_stop
        self._stop_by_s: float | None = None
        self.bootstrap = bootstrap
        self._patience_s = patience_s
        self._prefix = prefix
        self.added: dict[str, int] = dict.fromkeys(topics, 0)
        """Records added so far by topic."""
        self._topics: dict[str, _Topic] = {}
        self._full: list[tuple[_Partition, BatchBuilder]] = []
        self._in_flight: set[asyncio.Future[Any]] = set()
        self._failure: BaseException | None = None

    async def __aenter__(self) -> Self:
        self._producer = AIOKafkaProducer(
            **client_arguments(self.bootstrap),
            client_id="liveprofile-traffic",
            enable_idempotence=True,
            max_batch_size=BATCH_BYTES,
            max_request_size=8 * BATCH_BYTES,
            request_timeout_ms=round(self._patience_s * 1000),
        )
        keep_batches(self._producer)
        self._gate = ConnectionGate(self._producer.client)
        try:
            await self._producer.start()
            await self._look_up_topics()
        except BaseException as error:
            await self._producer.stop()
            if isinstance(error, KafkaError | OSError):
                raise no_kafka(
                    self.bootstrap, "Start one with `liveprofile broker start`, or name another with --bootstrap."
                ) from error
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            self._close_batches(idle_only=False)
            await self.send()
            while self._in_flight:
                await self._settle(asyncio.ALL_COMPLETED)
        finally:
            await self._stop()

    def add(self, topic: str, key: bytes, value: bytes, now_ms: int, *, replayed: bool = False) -> None:
        """Put one record into its partition's open batch; `now_ms` becomes Kafka's timestamp.

        A `replayed` record says in a header that it is of the past, so that ingest takes it at any age.
        """
        headers = _REPLAYED if replayed else _NONE
        of_topic = self._topics[topic]
        partition = of_topic.by_key.get(key) or of_topic.partition_of(key)
        self.added[topic] += 1
        if partition.batch is None:
            partition.batch = self._producer.create_batch()
        if partition.batch.append(timestamp=now_ms, key=key or None, value=value, headers=headers) is None:
            self._full.append((partition, partition.batch))
            partition.batch = self._producer.create_batch()
            partition.batch.append(timestamp=now_ms, key=key or None, value=value, headers=headers)

    async def send(self, *, idle: bool = False) -> None:
        """Give the full batches to the producer; with `idle` also those of partitions without a batch in flight.

        So a slow stream is sent record by record, and a fast one in large batches. Waits while too many batches are in
        flight, and while no broker answers; raises errors of the broker.
        """
        while self._gate.away and not self._asked_to_stop():  # noqa: ASYNC110 - a broker that is back sends no event
            await asyncio.sleep(LOOK_S)
        if idle:
            self._close_batches(idle_only=True)
        full, self._full = self._full, []
        for partition, batch in full:
            while len(self._in_flight) >= IN_FLIGHT:
                await self._settle(asyncio.FIRST_COMPLETED)
            sent = await self._handed_over(batch, partition)
            partition.in_flight += 1
            self._in_flight.add(sent)
            sent.add_done_callback(partial(self._done, partition))
        if self._failure:
            raise _unreachable(self.bootstrap, self._failure) from self._failure

    async def _handed_over(self, batch: BatchBuilder, partition: _Partition) -> "asyncio.Future[Any]":
        """Give the producer a batch; it makes the caller wait while it has another one for the same partition."""
        task = asyncio.ensure_future(self._offered(batch, partition))
        try:
            while True:
                if (await asyncio.wait((task,), timeout=LOOK_S))[0]:
                    if not isinstance(task.exception(), KafkaTimeoutError):
                        return task.result()
                    task = asyncio.ensure_future(self._offered(batch, partition))  # it was not taken: once more
                self._require_time()
        finally:
            task.cancel()

    async def _offered(self, batch: BatchBuilder, partition: _Partition) -> "asyncio.Future[Any]":
        sent: asyncio.Future[Any] = await self._producer.send_batch(batch, partition.topic, partition=partition.number)
        return sent

    def _close_batches(self, *, idle_only: bool) -> None:
        """Move open batches to the full ones."""
        for of_topic in self._topics.values():
            for partition in of_topic.partitions:
                if partition.batch is not None and not (idle_only and partition.in_flight):
                    self._full.append((partition, partition.batch))
                    partition.batch = None

    async def _settle(self, when: str) -> None:
        """Wait for one batch, or all; only so long once a stop was asked for."""
        done: set[asyncio.Future[Any]] = set()
        while not done or (when == asyncio.ALL_COMPLETED and self._in_flight):
            if not self._in_flight:
                break
            done, _ = await asyncio.wait(self._in_flight, timeout=LOOK_S, return_when=when)
            self._require_time()
        if self._failure:
            raise _unreachable(self.bootstrap, self._failure) from self._failure

    def _require_time(self) -> None:
        """NoKafkaError once a stop was asked for so long ago that what is on its way will not be acknowledged."""
        if not self._asked_to_stop():
            return
        now_s = time.monotonic()
        self._stop_by_s = self._stop_by_s or now_s + (END_AWAY_S if self._gate.away else END_S)
        if now_s > self._stop_by_s:
            raise NoKafkaError(
                f"Kafka at {self.bootstrap} does not answer: the last {len(self._in_flight)} batches of records are "
                "not confirmed.",
                "They may be in Kafka or not. Send again from there when it answers.",
            )

    async def _stop(self) -> None:
        """Close the connections; what Kafka has not confirmed by now is dropped."""
        self._gate.give_up()
        try:
            async with asyncio.timeout(STOP_S if self._in_flight else None):
                await self._producer.stop()
        except TimeoutError:
            await abandon(self._producer)

    def _done(self, partition: _Partition, sent: "asyncio.Future[Any]") -> None:
        partition.in_flight -= 1
        self._in_flight.discard(sent)
        if not sent.cancelled() and sent.exception() is not None:
            self._failure = self._failure or sent.exception()

    async def _look_up_topics(self) -> None:
        """Partition counts of all topics. UserError names the missing ones."""
        known = await self._known_topics()
        missing = [self._prefix + topic for topic in self.added if self._prefix + topic not in known]
        if missing:
            raise MissingTopicError(
                missing,
                f"Kafka at {self.bootstrap} has no topic {', '.join(missing)}.",
                "Create the topics with `liveprofile topics create`.",
            )
        for topic in self.added:
            name = self._prefix + topic
            self._topics[topic] = _Topic(name, len(await self._producer.partitions_for(name)))

    async def _known_topics(self) -> set[str]:
        """Topics of the cluster; a metadata request for all topics creates none."""
        metadata = await self._producer.client.fetch_all_metadata()
        return set(metadata.topics())


def _unreachable(bootstrap: Bootstrap, error: BaseException) -> UserError:
    return UserError(
        f"Kafka at {bootstrap} did not take the records: {error}.",
        "Look at the broker's log, and at the limits of the topics: liveprofile topics list.",
    )
