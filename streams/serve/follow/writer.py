"""Writes records of callers to Kafka: durable when it returns, with the position of each."""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from liveprofile.errors import LiveprofileError
from liveprofile.streams.contract.inputs.common import READ_BACK_HEADER
from liveprofile.streams.serve.follow.waiting import Position
from liveprofile.streams.transport.connection import Bootstrap, client_arguments

MOST_WAIT_MS = 10_000
BATCH_BYTES = 512 * 1024
_READ_BACK = [(READ_BACK_HEADER, b"1")]


class NotWrittenError(LiveprofileError):
    """Kafka did not confirm a record: it may be there, or not."""

    retryable = True
    next_step = "Repeat the request."


class Outgoing(NamedTuple):
    """A record that is to be written."""

    topic: str
    key: bytes
    value: bytes
    read_back: bool = False
    """Whether the caller is going to read the profile."""


class Writer:
    """One producer, connected at the first record."""

    def __init__(self, bootstrap: Bootstrap) -> None:
        self._bootstrap = bootstrap
        self._producer: Any = None
        self._starting = asyncio.Lock()
        """Many may write first at the same moment."""

    async def send(self, topic: str, key: bytes | None, value: bytes | None) -> Position:
        """Write a record, and return its position when all replicas have it. NotWrittenError if that is not known."""
        try:
            producer = await self._started()
            where = await producer.send_and_wait(topic, value, key=key)
        except (KafkaError, OSError) as error:
            raise NotWrittenError(str(type(error).__name__)) from error
        return Position(where.topic, where.partition, where.offset)

    async def send_each(self, records: Sequence[Outgoing]) -> list[Position]:
        """Write records to the partitions of their keys, in their order, and return the position of each.

        It returns when all replicas have them. NotWrittenError if that is not known of all.
        """
        try:
            producer = await self._started()
            sent = [
                await producer.send(
                    one.topic, one.value, key=one.key or None, headers=_READ_BACK if one.read_back else None
                )
                for one in records
            ]
            async with asyncio.timeout(MOST_WAIT_MS / 1000):
                found = await asyncio.gather(*sent)
        except (KafkaError, OSError, TimeoutError) as error:
            raise NotWrittenError(str(type(error).__name__)) from error
        return [
            Position(where.topic, where.partition, where.offset, one.read_back)
            for where, one in zip(found, records, strict=True)
        ]

    async def send_all(self, topic: str, values: Sequence[bytes]) -> int:
        """Write the first of many records to the topic's first partition, as many as go into one batch; how many.

        It returns when all replicas have them. NotWrittenError if that is not known.
        """
        try:
            producer = await self._started()
            batch, count = producer.create_batch(), 0
            while count < len(values) and batch.append(key=None, value=values[count], timestamp=None) is not None:
                count += 1
            batch.close()
            await (await producer.send_batch(batch, topic, partition=0))
        except (KafkaError, OSError) as error:
            raise NotWrittenError(str(type(error).__name__)) from error
        return count

    async def close(self) -> None:
        """Write what waits, and disconnect."""
        if self._producer is not None:
            producer, self._producer = self._producer, None
            await producer.stop()

    async def _started(self) -> Any:
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **client_arguments(self._bootstrap),
                    acks="all",
                    client_id="liveprofile-serve",
                    max_batch_size=BATCH_BYTES,
                    request_timeout_ms=MOST_WAIT_MS,
                )
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer
