"""Reads one partition of a compacted topic to its end, outside every consumer group."""

import asyncio
from collections.abc import Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

FETCH_BYTES = 4 << 20


async def read_latest(
    bootstrap: str, topic: str, partition: int, *, within_s: float = 60.0, client: Mapping[str, Any] | None = None
) -> dict[bytes, bytes]:
    """The latest value of every key that has one, in the order of their writing.

    The end is the one found at the start. `client` holds further arguments of the aiokafka client (security). Raises
    TimeoutError when the end is not reached in time: the cluster is away or slow, and a retry may help.
    """
    place = TopicPartition(topic, partition)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES,
        **(client or {}),
    )
    latest: dict[bytes, bytes] = {}
    try:
        async with asyncio.timeout(within_s):
            await consumer.start()
            consumer.assign([place])
            end = (await consumer.end_offsets([place]))[place]
            await consumer.seek_to_beginning(place)
            while await consumer.position(place) < end:
                for records in (await consumer.getmany(place, timeout_ms=200)).values():
                    for record in records:
                        latest.pop(record.key, None)
                        if record.value is not None:
                            latest[record.key] = record.value
    except TimeoutError as error:
        raise TimeoutError(f"{topic}/{partition} was not read to its end within {within_s} s: try again") from error
    finally:
        await consumer.stop()
    return latest
