"""Start positions: the committed offset if the log still has it; otherwise another one, with a warning or an error."""

from __future__ import annotations

from typing import Any

import structlog
from aiokafka import TopicPartition

from liveprofile.streams.errors import SetupError

log = structlog.get_logger(__name__)


async def seek_to_committed(consumer: Any) -> dict[TopicPartition, int | None]:
    """Set the position of every assigned partition; returns the committed offsets, None for none.

    aiokafka would silently start at the log's beginning, whatever was lost. Raises `SetupError` for a committed offset
    beyond the log's end.
    """
    committed: dict[TopicPartition, int | None] = await consumer.seek_to_committed()
    first = await consumer.beginning_offsets(committed)
    end = await consumer.end_offsets(committed)
    for place, offset in committed.items():
        position = begin_at(place, offset, first[place], end[place])
        if place in consumer.assignment():
            consumer.seek(place, position)
    if unknown := [place for place, offset in committed.items() if offset is None and end[place]]:
        log.warning("no committed offsets: reading from the beginning", partitions=len(unknown), of=len(committed))
    return committed


def begin_at(place: TopicPartition, committed: int | None, first: int, end: int) -> int:
    """The offset to read from, in a log with offsets from `first` up to `end` (exclusive)."""
    if committed is None:
        return first
    if committed < first:
        log.error(
            "records lost: retention deleted them before they were read",
            topic=place.topic,
            partition=place.partition,
            records=first - committed,
            then="reading continues at the log's start; give the topic a longer retention.ms, or more workers",
        )
        return first
    if committed > end:
        raise SetupError(
            f"{place.topic}/{place.partition} ends at offset {end}, and {committed - end} records beyond it were read: "
            "Kafka lost them, perhaps by an unclean leader election, and new records at these offsets would be dropped",
            f"Stop all workers. `liveprofile topics accept {place.topic}` continues after the remaining records.",
        )
    return committed
