"""Fetches record batches of one partition without aiokafka's consumer, which makes three objects per record."""

from __future__ import annotations

import asyncio
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import CorruptRecordException, KafkaError, NoError, StaleMetadata, for_code
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.record.memory_records import MemoryRecords

WAIT_MS = 500
RETRY_S = 0.1

StateRecord = tuple[bytes | None, bytes | None, int]
"""Key, value (None is a tombstone), offset."""


async def fetch(client: Any, place: TopicPartition, position: int, max_bytes: int) -> bytes:
    """The bytes of complete record batches from the one with `position` on; empty if there is nothing yet.

    Also empty if a retry may help: the leader moved, or the broker is unreachable. Raises `KafkaError` otherwise.
    """
    try:
        return await _fetch(client, place, position, max_bytes)
    except KafkaError as error:
        if not error.retriable:
            raise
        await asyncio.sleep(RETRY_S)
        await client.force_metadata_update()
        return b""


async def _fetch(client: Any, place: TopicPartition, position: int, max_bytes: int) -> bytes:
    leader = client.cluster.leader_for_partition(place)
    if leader is None or leader == -1:
        raise StaleMetadata(f"{place} has no leader at the moment")
    wanted = [(place.topic, [(place.partition, position, max_bytes)])]
    response = await client.send(leader, FetchRequest(WAIT_MS, 1, max_bytes, 0, wanted))
    (_, ((_, code, *_, found),)), *_ = response.topics
    if (error := for_code(code)) is not NoError:
        raise error(f"fetching {place.topic}/{place.partition} from offset {position}")
    return bytes(found)


def decode(found: bytes, start: int, end: int) -> tuple[list[StateRecord], int]:
    """Key, value and offset of the records from `start` up to `end`, and the next offset to fetch.

    Raises `CorruptRecordException` if a batch's checksum is wrong.
    """
    records: list[StateRecord] = []
    batches = MemoryRecords(found)
    while batches.has_next():
        batch: Any = batches.next_batch()
        if not batch.validate_crc():
            raise CorruptRecordException(f"the batch at offset {batch.base_offset} has a wrong checksum")
        if not batch.is_control_batch:
            records += [(one.key, one.value, one.offset) for one in batch if start <= one.offset < end]
        start = batch.next_offset
    return records, start
