"""Writes records of callers to Kafka: durable when it returns, with the position of each."""

from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from liveprofile.streams.serve.follow.waiting import Position
from liveprofile.streams.transport.connection import Bootstrap, client_arguments

MOST_WAIT_MS = 10_000


class NotWrittenError(Exception):
    """Kafka did not confirm a record: it may be there, or not."""


class Writer:
    """One producer, connected at the first record."""

    def __init__(self, bootstrap: Bootstrap) -> None:
        self._bootstrap = bootstrap
        self._producer: Any = None

    async def send(self, topic: str, key: bytes | None, value: bytes) -> Position:
        """Write a record, and return its position when all replicas have it. NotWrittenError if that is not known."""
        try:
            producer = await self._started()
            where = await producer.send_and_wait(topic, value, key=key)
        except (KafkaError, OSError) as error:
            raise NotWrittenError(str(type(error).__name__)) from error
        return Position(where.topic, where.partition, where.offset)

    async def send_soon(self, topic: str, value: bytes) -> None:
        """Write a record with the next ones, without waiting for it."""
        try:
            producer = await self._started()
            await producer.send(topic, value)
        except (KafkaError, OSError) as error:
            raise NotWrittenError(str(type(error).__name__)) from error

    async def close(self) -> None:
        """Write what waits, and disconnect."""
        if self._producer is not None:
            producer, self._producer = self._producer, None
            await producer.stop()

    async def _started(self) -> Any:
        if self._producer is None:
            producer = AIOKafkaProducer(
                **client_arguments(self._bootstrap),
                acks="all",
                client_id="liveprofile-serve",
                request_timeout_ms=MOST_WAIT_MS,
            )
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        return self._producer
