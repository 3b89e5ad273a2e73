"""Reads one partition of a compacted topic from beginning to end: this is how a stage restores its state."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from liveprofile.errors import LiveprofileError
from liveprofile.streams.runtime.partition_fetch import StateRecord, decode, fetch
from liveprofile.streams.runtime.progress import Progress
from liveprofile.streams.transport.connecting import ConnectionGate
from liveprofile.streams.transport.connection import Bootstrap, addresses_of, consumer_arguments
from liveprofile.streams.transport.private_hooks.of_aiokafka import client_of
from liveprofile.streams.transport.reachability import BROKERS, FIRST_WAIT_S, LONGEST_WAIT_S, LOOK_S

FETCH_BYTES = 4 * 1024 * 1024
STALL_S = 60.0


class StateReadError(LiveprofileError):
    """The state of a partition could not be read to its end; the partition must not be processed without it."""

    retryable = True
    next_step = "Look at the brokers and the state topic, and restart the process."


class NoStateTopicError(StateReadError):
    """There is no such topic, or it has fewer partitions."""

    next_step = "Create the topics: liveprofile topics create."


class UnreachableStateError(StateReadError):
    """No Kafka answers, so nothing was read."""

    next_step = "Start the brokers, or give another address."


class StateBeyondTopicError(StateReadError):
    """The topic ends before the start offset: the local state does not come from this topic."""

    next_step = "Delete the local store: it was not written from this topic."


class StateReader(Protocol):
    """Reads a compacted partition to its end, in batches in offset order.

    `StateBeyondTopicError` if it ends before `start_offset`.
    """

    def __call__(
        self, topic: str, partition: int, *, start_offset: int, progress: Progress
    ) -> AsyncIterator[list[StateRecord]]: ...


async def read_partition(
    bootstrap: Bootstrap,
    topic: str,
    partition: int,
    *,
    start_offset: int = 0,
    stall_s: float = STALL_S,
    connection: dict[str, Any] | None = None,
    progress: Progress | None = None,
    waits: bool = False,
) -> AsyncIterator[list[StateRecord]]:
    """Yield all records from `start_offset` up to the present end, in offset order, in lists of thousands.

    Compaction keeps the last record of each key and may keep earlier ones. The later one counts, unless its value shows
    that it is older (a worker that was removed from its group may have written last). `progress` is updated with every
    list. Raises `StateReadError` if the topic is damaged, or truncated at its beginning during the read, or if nothing
    arrives for `stall_s` seconds in which a broker answers; `NoStateTopicError` if it is missing,
    `StateBeyondTopicError` if it is too short, `UnreachableStateError` where no Kafka answers: a process that is at
    work already waits for one instead, by `waits`.
    """
    place = TopicPartition(topic, partition)
    progress = progress or Progress()
    consumer = await _started(bootstrap, dict(connection or {}), waits=waits)
    gate = ConnectionGate(client_of(consumer))
    try:
        while True:
            try:
                first, progress.end = await _range_of(consumer, place)
                break
            except KafkaError:
                if not (waits and gate.away):
                    raise
                await asyncio.sleep(LOOK_S)
        if start_offset > progress.end:
            raise StateBeyondTopicError(f"{topic}/{partition} ends at offset {progress.end}, before {start_offset}")
        progress.start = progress.reached = max(first, start_offset)
        async for records in _records_until(client_of(consumer), gate, place, progress, stall_s):
            yield records
    except KafkaError as error:
        raise StateReadError(f"reading {topic}/{partition} from {bootstrap} failed: {error!r}") from error
    finally:
        await consumer.stop()


async def _started(bootstrap: Bootstrap, connection: dict[str, Any], *, waits: bool) -> AIOKafkaConsumer:
    """A consumer that is connected. While others of this process find no broker, it does not try for itself."""
    wait_s = FIRST_WAIT_S
    while True:
        while waits and BROKERS.absent(addresses_of(bootstrap)):  # noqa: ASYNC110 - the registry tells nobody
            await asyncio.sleep(LOOK_S)
        consumer = AIOKafkaConsumer(**consumer_arguments(bootstrap) | {"enable_auto_commit": False} | connection)
        try:
            await consumer.start()
        except BaseException as error:
            await consumer.stop()
            if not isinstance(error, KafkaError | OSError):
                raise
            if not waits:
                raise UnreachableStateError(f"no Kafka answers at {bootstrap}") from error
        else:
            return consumer
        wait_s = min(2 * wait_s, LONGEST_WAIT_S)
        await asyncio.sleep(wait_s)


async def _range_of(consumer: Any, place: TopicPartition) -> tuple[int, int]:
    """The first offset of the partition, and the next to be written."""
    cluster = await client_of(consumer).fetch_all_metadata()  # what `topics()` calls, with partitions
    found = cluster.partitions_for_topic(place.topic) or set()
    if place.partition not in found:
        raise NoStateTopicError(
            f"{place.topic}/{place.partition} does not exist ({len(found)} partitions do); create the topics first"
        )
    return (await consumer.beginning_offsets([place]))[place], (await consumer.end_offsets([place]))[place]


async def _records_until(
    client: Any, gate: ConnectionGate, place: TopicPartition, progress: Progress, stall_s: float
) -> AsyncIterator[list[StateRecord]]:
    await client.add_topic(place.topic)
    last_progress = time.monotonic()
    while progress.reached < progress.end:
        found = await fetch(client, place, progress.reached, FETCH_BYTES)
        if found:
            records, progress.reached = decode(found, progress.reached, progress.end)
            progress.records += len(records)
            yield records
            last_progress = time.monotonic()
        elif time.monotonic() - last_progress > stall_s and not gate.was_away(stall_s):
            raise StateReadError(
                f"reading {place.topic}/{place.partition} is stuck at offset {progress.reached} of {progress.end} "
                f"for {stall_s:.0f} s; is the broker up?"
            )
