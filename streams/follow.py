"""Reads topics from the side: a plain consumer without a group, so that looking changes nothing."""

import logging
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaConnectionError, KafkaError

from streams.errors import UserError

_SILENT_POLLS = 10
"""Polls of a second without a record after which the end is taken as reached: a compacted log may end in a gap."""


@asynccontextmanager
async def reader(bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A connected consumer without a group. UserError if no Kafka answers there."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # its retries are not for the person who looks
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=200,
        max_partition_fetch_bytes=4 << 20,
        metadata_max_age_ms=30_000,
    )
    try:
        await consumer.start()
    except (KafkaConnectionError, KafkaError, ValueError, OSError) as error:
        await consumer.stop()
        raise UserError(
            f"No Kafka answers at {bootstrap}: {type(error).__name__}.",
            "Start the embedded one with `liveprofile broker start`, or name another with --bootstrap.",
        ) from None
    try:
        yield consumer
    finally:
        await consumer.stop()


async def partitions(consumer: AIOKafkaConsumer, topics: Iterable[str]) -> list[TopicPartition]:
    """All partitions of the topics. UserError names a topic that does not exist."""
    wanted = list(topics)
    known = await consumer.topics()
    for topic in wanted:
        if topic not in known:
            raise UserError(
                f"There is no topic {topic} on this Kafka.", "Create all of them: liveprofile topics create."
            )
    return [TopicPartition(topic, p) for topic in wanted for p in sorted(consumer.partitions_for_topic(topic) or ())]


async def follow(
    consumer: AIOKafkaConsumer, topics: Iterable[str], *, from_start: bool = False
) -> AsyncIterator[list[ConsumerRecord]]:
    """Batches of records as they arrive, without end; from the start of the topics or from now on."""
    places = await partitions(consumer, topics)
    consumer.assign(places)
    await (consumer.seek_to_beginning(*places) if from_start else consumer.seek_to_end(*places))
    while True:
        batches = await consumer.getmany(timeout_ms=1000, max_records=2000)
        if records := in_time_order(batches.values()):
            yield records


async def read_to_end(
    consumer: AIOKafkaConsumer, places: Sequence[TopicPartition], *, last: int | None = None
) -> AsyncIterator[list[ConsumerRecord]]:
    """Batches of what stands in partitions now, then an end; only about the `last` records of each if given."""
    ends = await consumer.end_offsets(list(places))
    begins = await consumer.beginning_offsets(list(places))
    consumer.assign(list(places))
    for place in places:
        consumer.seek(place, begins[place] if last is None else max(begins[place], ends[place] - last))
    open_places = {place for place in places if begins[place] < ends[place]}
    silent_polls = 0
    while open_places and silent_polls < _SILENT_POLLS:
        batches = await consumer.getmany(*open_places, timeout_ms=1000, max_records=5000)
        silent_polls = 0 if batches else silent_polls + 1
        for records in batches.values():
            if records:
                yield records
        open_places = {place for place in open_places if await consumer.position(place) < ends[place]}


def in_time_order(batches: Iterable[list[ConsumerRecord]]) -> list[ConsumerRecord]:
    """The records of several partitions in the order in which the broker got them."""
    return sorted((record for batch in batches for record in batch), key=lambda record: record.timestamp)


def header(record: ConsumerRecord, name: str) -> str | None:
    """A header's text, or None."""
    found = next((value for key, value in record.headers if key == name), None)
    return found.decode("utf-8", "replace") if found is not None else None
