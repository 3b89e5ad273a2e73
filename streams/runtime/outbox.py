"""The outbox: writes records as prebuilt batches and waits until they are durable; clear errors if it cannot."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Coroutine, Iterable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, ProducerFenced

from liveprofile.errors import LiveprofileError
from liveprofile.streams.runtime.cluster_shape import ClusterNow, look
from liveprofile.streams.runtime.departures import Departures
from liveprofile.streams.runtime.end_offsets import end_offsets
from liveprofile.streams.runtime.partition_writer import PartitionWriter
from liveprofile.streams.runtime.record_size import MAX_RECORD_BYTES, check_sizes
from liveprofile.streams.runtime.sent import Sent
from liveprofile.streams.runtime.stage import Write
from liveprofile.streams.runtime.topic_ids import Identity, identities
from liveprofile.streams.transport.connecting import ConnectionGate
from liveprofile.streams.transport.connection import Bootstrap, client_arguments, no_kafka
from liveprofile.streams.transport.fencing_token import FencingToken, acquire_token
from liveprofile.streams.transport.late_check import check_before_produce
from liveprofile.streams.transport.private_hooks.of_aiokafka import abandon, keep_batches
from liveprofile.streams.transport.record import Item, TopicPartition
from liveprofile.streams.transport.versions import require_checked_versions

_Result = TypeVar("_Result")

BATCH_BYTES = 512 * 1024
CLOSE_S = 3.0
MOST_PLACES = 8
"""Places that an error names."""


class DeliveryError(LiveprofileError):
    """It is unknown whether records are in Kafka: the process must stop without acking, and replay after a restart."""

    retryable = True
    next_step = "Restart the process: it goes on from the last commit."


class KafkaOutbox:
    """An idempotent producer with acks from all replicas, used through whole batches per partition.

    A batch costs one future instead of one per record, which makes it fast. Calls for different partitions are
    concurrent. Calls for one partition keep their order, and concurrent ones share batches.
    """

    def __init__(
        self,
        bootstrap: Bootstrap,
        *,
        client_id: str = "liveprofile",
        max_record_bytes: int = MAX_RECORD_BYTES,
        delivery_timeout_s: float = 60.0,
        before_send: Callable[[], None] = lambda: None,
        connection: dict[str, Any] | None = None,
        company_s: float = 0.0,
    ) -> None:
        """`before_send` raises if the process has lost its partitions. It is called at every `send`, and again right
        before a request is sent, because batches may have waited long in between.

        An idempotent aiokafka producer retries for ever, so each `send` has its own timeout, `delivery_timeout_s`; time
        in which no broker answers does not count. `company_s` is how long records wait for those of other partitions,
        to leave in one request.
        """
        self._bootstrap = bootstrap
        self._limit = max_record_bytes
        self._before_send = before_send
        self._delivery_timeout_s = delivery_timeout_s
        self._settings = {
            "client_id": client_id,
            "acks": "all",
            "enable_idempotence": True,
            "max_batch_size": BATCH_BYTES,
            "max_request_size": max(2 * max_record_bytes, 4 * BATCH_BYTES),
            "request_timeout_ms": int(delivery_timeout_s * 1000),
            **(connection or {}),
        }
        self.sent = Sent()
        self._producer: AIOKafkaProducer | None = None
        self._gate: ConnectionGate | None = None
        self._counts: dict[str, int] = {}
        self._writers: dict[TopicPartition, PartitionWriter] = {}
        self._departures = Departures(company_s)
        self._fencing_tokens: dict[str, FencingToken] = {}

    async def __aenter__(self) -> Self:
        require_checked_versions()
        producer = AIOKafkaProducer(**client_arguments(self._bootstrap) | self._settings)
        check_before_produce(producer.client, self._before_send)
        keep_batches(producer)
        gate = ConnectionGate(producer.client)
        try:
            await producer.start()
        except KafkaError as error:
            await producer.stop()
            raise no_kafka(
                self._bootstrap, "Start one with `liveprofile broker start`, or name another with --bootstrap."
            ) from error
        self._producer, self._gate = producer, gate
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        producer, self._producer = self._producer, None
        for writer in self._writers.values():
            writer.cancel()
        self._writers.clear()
        if producer is not None:
            await _close(producer, flush=not self.away)

    @property
    def away(self) -> bool:
        """Whether no broker answers, as far as attempts to connect have told."""
        return self._gate is not None and self._gate.away

    def give_up(self) -> None:
        """Wait for no broker any more, so that the outbox can be closed; unconfirmed records are dropped."""
        if self._gate is not None:
            self._gate.give_up()

    async def answers(self, within_s: float) -> bool:
        """Whether a broker answers a request now: one that stands still keeps its connections open."""
        try:
            async with asyncio.timeout(within_s):
                await self._started().client.fetch_all_metadata()
        except (KafkaError, OSError, TimeoutError):
            return False
        return True

    async def send(self, topic: str, partition: int, items: Sequence[Item]) -> int | None:
        """Write `items` in order; return when all are durable, with the broker's time, see `Outbox.send`.

        Raises `OversizeError` before, `DeliveryError` after.
        """
        return (await self.send_together([Write(topic, partition, items)]))[0] if items else None

    async def send_all(self, writes: Iterable[Write]) -> None:
        """Write all that is not empty, in no order; return when everything is durable. Raises as `send` does."""
        if wanted := [write for write in writes if write.items]:
            await self.send_together(wanted)

    async def send_together(self, writes: Sequence[Write]) -> list[int | None]:
        """The broker's times of writes that are durable."""
        for write in writes:
            check_sizes(write.items, self._limit)
        self._before_send()
        began = time.perf_counter()
        try:
            for write in writes:
                if (write.topic, write.partition) not in self._writers:
                    await self._in_time(self._add_writer(write.topic, write.partition))
            sent = await self._in_time(
                *(self._writers[write.topic, write.partition].write(write.items) for write in writes)
            )
        except ProducerFenced as error:
            self.sent.failed(writes, "fenced")
            raise DeliveryError(
                f"{_words(writes)} were refused: another worker owns the partition; this process must stop"
            ) from error
        except (KafkaError, TimeoutError) as error:
            self.sent.failed(writes, "timeout" if isinstance(error, TimeoutError) else "kafka")
            raise DeliveryError(
                f"{_words(writes)} may not be in Kafka: {error!r}; the process must stop and replay after a restart"
            ) from error
        self.sent.arrived(writes, time.perf_counter() - began)
        return sent

    def reached(self, topic: str, partition: int) -> int:
        """An offset up to which all sent records are durable; -1 for none."""
        writer = self._writers.get((topic, partition))
        return writer.reached if writer is not None else -1

    async def acquire_token(self, name: str, places: Sequence[TopicPartition]) -> None:
        """Become the only writer of `places`: the broker refuses later requests of earlier holders of `name`.

        Raises `DeliveryError` if the fencing token cannot be acquired in time.
        """
        producer = self._started()
        self._before_send()
        try:
            (fencing_token,) = await self._in_time(acquire_token(producer.client, name, places))
        except (KafkaError, TimeoutError) as error:
            raise DeliveryError(
                f"the fencing token {name!r} of {len(places)} partitions was not acquired: {error!r}"
            ) from error
        self._fencing_tokens[name] = fencing_token
        self._writers.update({place: self._writer(*place, fencing_token) for place in places})

    async def renew_tokens(self) -> None:
        """Renew fencing tokens, because the broker forgets old ones. Raises `DeliveryError` for a lost one."""
        for fencing_token in list(self._fencing_tokens.values()):
            try:
                await fencing_token.renew()
            except KafkaError as error:
                if self._fencing_tokens.get(fencing_token.name) is not fencing_token:
                    continue  # released meanwhile; another worker may hold it now
                raise DeliveryError(
                    f"the fencing token {fencing_token.name!r} could not be renewed: {error!r}"
                ) from error

    def release_tokens(self) -> None:
        """Stop renewing fencing tokens: other processes will acquire them."""
        self._fencing_tokens.clear()

    async def partition_counts(self, topics: Sequence[str]) -> dict[str, int]:
        """Number of partitions of each topic; 0 for a topic that does not exist."""
        client = self._started().client
        metadata = await client.fetch_all_metadata()
        found = {topic: len(metadata.partitions_for_topic(topic) or ()) for topic in topics}
        self._counts.update({topic: count for topic, count in found.items() if count})
        return found

    async def all_partition_counts(self) -> dict[str, int]:
        """Number of partitions of every topic that the cluster shows."""
        metadata = await self._started().client.fetch_all_metadata()
        return {topic: len(metadata.partitions_for_topic(topic) or ()) for topic in metadata.topics()}

    async def identities(self, topics: Collection[str]) -> dict[str, Identity]:
        """The id and the number of partitions of each topic that exists. Raises as `topic_ids.identities` does."""
        return await identities(self._started().client, topics)

    async def identify(self, topic: str) -> str:
        """Kafka's id of a topic; empty where it does not exist. Raises as `identities` does."""
        found = (await self.identities([topic])).get(topic)
        return found.topic_id if found is not None else ""

    async def cluster(self, topics: Collection[str]) -> ClusterNow:
        """The brokers, and how the topics stand on them. Raises as `cluster_shape.look` does."""
        return await look(self._started().client, topics)

    async def end_offsets(self, places: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """The ends of partitions, of those whose leaders answer."""
        return await end_offsets(self._started().client, places) if places else {}

    def partitions(self, topic: str) -> int:
        """Number of partitions of the topic in the latest metadata. Raises `LookupError` if it does not exist."""
        found = self._counts.get(topic) or len(self._started().client.cluster.partitions_for_topic(topic) or ())
        if not found:
            raise LookupError(f"topic {topic!r} does not exist on {self._bootstrap}; create the topics first")
        return found

    def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            raise RuntimeError("the outbox is not started; use `async with KafkaOutbox(...)`")
        return self._producer

    async def _in_time(self, *works: Coroutine[Any, Any, _Result] | asyncio.Future[_Result]) -> list[_Result]:
        """What each of `works` gives. TimeoutError after `delivery_timeout_s` in which a broker answered."""
        futures = [asyncio.ensure_future(work) for work in works]
        pending = set(futures)
        try:
            while pending:
                done, pending = await asyncio.wait(
                    pending, timeout=self._delivery_timeout_s, return_when=asyncio.FIRST_EXCEPTION
                )
                for future in done:
                    future.result()
                if pending and (self._gate is None or not self._gate.was_away(self._delivery_timeout_s)):
                    raise TimeoutError
            return [future.result() for future in futures]
        finally:
            for future in futures:
                future.cancel()

    async def _add_writer(self, topic: str, partition: int) -> None:
        producer = self._started()
        if partition not in (known := await producer.partitions_for(topic)):
            raise DeliveryError(
                f"{topic} has {len(known)} partitions, so there is no partition {partition} to write to"
            )
        if (topic, partition) not in self._writers:  # another call may have made it meanwhile
            self._writers[topic, partition] = self._writer(topic, partition)

    def _writer(self, topic: str, partition: int, fencing_token: FencingToken | None = None) -> PartitionWriter:
        return PartitionWriter(self._started(), topic, partition, fencing_token, self._departures)


def _words(writes: Sequence[Write]) -> str:
    places = ", ".join(f"{write.topic}/{write.partition}" for write in writes[:MOST_PLACES])
    more = f" and {len(writes) - MOST_PLACES} more" if len(writes) > MOST_PLACES else ""
    return f"{sum(len(write.items) for write in writes)} records for {places}{more}"


async def _close(producer: AIOKafkaProducer, *, flush: bool) -> None:
    """Stop the producer; records that it cannot flush in `CLOSE_S` were never confirmed, and are dropped."""
    try:
        async with asyncio.timeout(CLOSE_S if flush else 0):
            await producer.stop()
    except TimeoutError:
        await abandon(producer)  # `stop` would go on flushing for ever, and has no limit of its own
