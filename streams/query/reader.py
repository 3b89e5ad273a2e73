"""Reads topics with a consumer without a group, so that reading changes nothing."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.partitioner import DefaultPartitioner

from liveprofile.streams.errors import MissingTopicError, NoKafkaError
from liveprofile.streams.transport.connecting import ConnectionGate
from liveprofile.streams.transport.connection import Bootstrap, client_arguments, consumer_arguments, no_kafka
from liveprofile.streams.transport.private_hooks.of_aiokafka import admin_client_of, cancel_fetching, client_of

ID_LENGTH = 32
"""Characters of a whole profile id."""
LOST_S = 0.3
"""A stop of a consumer that takes longer has lost its cancellation."""
_SILENT_POLLS = 10
"""Polls of one second without a record after which the end counts as reached: a compacted log may end in a gap."""


class Reader:
    """A connected consumer without a group, and the partitions of every topic."""

    def __init__(self, consumer: AIOKafkaConsumer, partitions: Mapping[str, int], gate: ConnectionGate) -> None:
        self._consumer = consumer
        self._gate = gate
        self._partitions = partitions

    def has(self, topic: str) -> bool:
        """Whether there is such a topic."""
        return topic in self._partitions

    def places(self, topics: Iterable[str]) -> list[TopicPartition]:
        """All partitions of the topics. SetupError names a topic that does not exist."""
        wanted = list(topics)
        if missing := [topic for topic in wanted if topic not in self._partitions]:
            raise MissingTopicError(
                missing, f"This Kafka has no topic {missing[0]}.", "Create all of them: liveprofile topics create."
            )
        return [TopicPartition(topic, number) for topic in wanted for number in range(self._partitions[topic])]

    async def ends(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """The offset that the next record of each partition will get."""
        return cast("dict[TopicPartition, int]", await self._consumer.end_offsets(list(places)))

    async def follow(
        self, topics: Iterable[str], *, from_start: bool = False
    ) -> AsyncGenerator[list[ConsumerRecord], None]:
        """Batches of records as they arrive, without end; from the start of the topics or from now on.

        While no broker answers it waits, and then goes on where it was.
        """
        consumer, places = self._consumer, self.places(topics)
        consumer.assign(places)
        await (consumer.seek_to_beginning(*places) if from_start else consumer.seek_to_end(*places))
        while True:
            batches = await consumer.getmany(timeout_ms=1000, max_records=2000)
            if records := in_time_order(batches.values()):
                yield records

    async def read_to_end(
        self, places: Sequence[TopicPartition], *, last: int | None = None, since_ms: int | None = None
    ) -> AsyncGenerator[list[ConsumerRecord], None]:
        """Batches of the present records of partitions.

        Only about the `last` records of each if given, or only those that arrived at `since_ms` or later. NoKafkaError
        where the brokers go away before the end.
        """
        consumer, ends = self._consumer, await self.ends(places)
        begins = await consumer.beginning_offsets(list(places))
        if since_ms is not None:
            found = await consumer.offsets_for_times(dict.fromkeys(places, max(since_ms, 0)))
            begins |= {place: at.offset if at else ends[place] for place, at in found.items()}
        consumer.assign(list(places))
        for place in places:
            consumer.seek(place, begins[place] if last is None else max(begins[place], ends[place] - last))
        left = {place for place in places if begins[place] < ends[place]}
        silent_polls = 0
        while left and silent_polls < _SILENT_POLLS:
            batches = await consumer.getmany(*left, timeout_ms=1000, max_records=5000)
            silent_polls = 0 if batches else silent_polls + 1
            if not batches and self._gate.away:
                raise NoKafkaError("Kafka does not answer any more: not all was read.", "Wait until it does.")
            for records in batches.values():
                yield records
            left = {place for place in left if await consumer.position(place) < ends[place]}


@asynccontextmanager
async def open_reader(
    bootstrap: Bootstrap, connection: Mapping[str, Any] | None = None, *, quiet: bool = True
) -> AsyncIterator[Reader]:
    """A reader of the Kafka at `bootstrap`. NoKafkaError if none answers there.

    `connection` has further arguments of aiokafka's clients (security). `quiet` silences aiokafka's log in the whole
    process: its retries do not concern the user.
    """
    if quiet:
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    admin = AIOKafkaAdminClient(**client_arguments(bootstrap) | dict(connection or {}))
    consumer = AIOKafkaConsumer(
        **consumer_arguments(bootstrap) | dict(connection or {}),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=200,
        max_partition_fetch_bytes=4 << 20,
    )
    gates = [ConnectionGate(client) for client in (client_of(consumer), admin_client_of(admin))]
    try:
        await _connect(admin, consumer, bootstrap)
        yield Reader(consumer, {t["topic"]: len(t["partitions"]) for t in await admin.describe_topics()}, gates[0])
    finally:
        for gate in gates:
            gate.give_up()
        await _stop(consumer)
        await admin.close()


def places_of(reader: Reader, topic: str, key: bytes) -> list[TopicPartition]:
    """The partition of a complete profile id; all partitions for the start of an id."""
    places = reader.places([topic])
    if len(key) < ID_LENGTH:
        return places
    numbers = [place.partition for place in places]
    return [TopicPartition(topic, DefaultPartitioner()(key, numbers, numbers))]


async def _stop(consumer: AIOKafkaConsumer) -> None:
    """Stop a consumer, and cancel its fetcher again if the first cancellation was lost.

    aiokafka 0.14 drops a cancellation that comes while its fetcher changes to newly assigned partitions.
    """
    stopping = asyncio.create_task(consumer.stop())
    while not (await asyncio.wait((stopping,), timeout=LOST_S))[0]:
        cancel_fetching(consumer)
    await stopping


async def _connect(admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer, bootstrap: Bootstrap) -> None:
    try:
        await admin.start()
        await consumer.start()
    except (KafkaError, ValueError, OSError):
        raise no_kafka(
            bootstrap, "Start the embedded one with `liveprofile broker start`, or name another with --bootstrap."
        ) from None


def in_time_order(batches: Iterable[list[ConsumerRecord]]) -> list[ConsumerRecord]:
    """The records of several partitions in the order of the broker's times."""
    return sorted((record for batch in batches for record in batch), key=lambda record: record.timestamp)


def header(record: ConsumerRecord, name: str) -> str | None:
    """A header's text, or None."""
    found = next((value for key, value in record.headers if key == name), None)
    return found.decode("utf-8", "replace") if found is not None else None


def decoded(record: ConsumerRecord) -> dict[str, Any]:
    """A record's value; what is no JSON object becomes one that says so."""
    try:
        value = orjson.loads(record.value or b"{}")
    except orjson.JSONDecodeError:
        value = None
    return value if isinstance(value, dict) else {"unreadable": repr((record.value or b"")[:200])}
