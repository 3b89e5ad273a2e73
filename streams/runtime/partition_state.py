"""Reading one partition of a compacted topic from its beginning to its end: how a stage gets its state back."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

FETCH_BYTES = 4 * 1024 * 1024
STALL_S = 60.0
POLL_MS = 500

StateRecord = tuple[bytes | None, bytes | None, int]
"""Key, value (None is a tombstone), offset."""


class StateReadError(Exception):
    """The state of a partition could not be read to its end; without it the partition must not be worked on."""


class StateBeyondTopicError(StateReadError):
    """The topic ends before the offset to start from: what is to be continued does not come from this topic."""


async def read_partition(
    bootstrap: str,
    topic: str,
    partition: int,
    *,
    start_offset: int = 0,
    stall_s: float = STALL_S,
    connection: dict[str, Any] | None = None,
) -> AsyncIterator[list[StateRecord]]:
    """Yield all records from `start_offset` up to the end as it is now, in offset order, in lists of thousands.

    Compaction keeps the last record of each key and may keep earlier ones: the later one counts, unless the value
    itself says that it is older (a worker put out of its group may have written last). Raises `StateReadError` when
    the topic is missing, or when nothing arrives for `stall_s` seconds; `StateBeyondTopicError` when it is too short.
    """
    place = TopicPartition(topic, partition)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap.split(","),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES,
        **(connection or {}),
    )
    try:
        await consumer.start()
        await _check_exists(consumer, place)
        consumer.assign([place])
        end = (await consumer.end_offsets([place]))[place]
        if start_offset > end:
            raise StateBeyondTopicError(f"{topic}/{partition} ends at offset {end}, before {start_offset}")
        await _seek(consumer, place, start_offset)
        async for records in _records_until(consumer, place, end, stall_s):
            yield records
    except KafkaError as error:
        raise StateReadError(f"reading {topic}/{partition} from {bootstrap} failed: {error!r}") from error
    finally:
        await consumer.stop()


async def _check_exists(consumer: Any, place: TopicPartition) -> None:
    cluster = await consumer._client.fetch_all_metadata()  # what `topics()` calls, with partitions
    found = cluster.partitions_for_topic(place.topic) or set()
    if place.partition not in found:
        raise StateReadError(
            f"{place.topic}/{place.partition} does not exist ({len(found)} partitions do); create the topics first"
        )


async def _seek(consumer: Any, place: TopicPartition, start_offset: int) -> None:
    first = (await consumer.beginning_offsets([place]))[place]
    consumer.seek(place, max(first, start_offset))


async def _records_until(
    consumer: Any, place: TopicPartition, end: int, stall_s: float
) -> AsyncIterator[list[StateRecord]]:
    last_progress = time.monotonic()
    while (position := await consumer.position(place)) < end:
        fetched = await consumer.getmany(place, timeout_ms=POLL_MS)
        for records in fetched.values():
            yield [(record.key, record.value, record.offset) for record in records if record.offset < end]
        if await consumer.position(place) > position:
            last_progress = time.monotonic()
        elif time.monotonic() - last_progress > stall_s:
            raise StateReadError(
                f"reading {place.topic}/{place.partition} stands still at offset {position} of {end} "
                f"for {stall_s:.0f} s; is the broker up?"
            )
