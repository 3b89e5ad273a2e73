"""Follows the topic `progress`: how far the events of shops have come, so that a caller reads their own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from liveprofile.streams.contract.partition_progress import PartitionProgress, decode_progress, later_of
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.serve.follow.proofs import Proofs, Reached
from liveprofile.streams.serve.follow.waiting import Position
from liveprofile.streams.transport.connection import Bootstrap, consumer_arguments

log = structlog.get_logger(__name__)

POLL_MS = 200
AGAIN_S = 2.0
EndsOf = Callable[[list[TopicPartition]], Awaitable[dict[TopicPartition, int]]]


class Inputs:
    """How far each partition of profiles has come with each input, as is proved."""

    def __init__(self, topics: Topics, bootstrap: Bootstrap, reached: Reached, wake: Callable[[], None]) -> None:
        """`reached` is what is in the store; `wake` is called when more is proved."""
        self._topics, self._bootstrap, self._reached, self._wake = topics, bootstrap, reached, wake
        self._facts = (topics.profiles, topics.profile_changes, topics.profile_anomalies)
        self._proofs = Proofs()
        self._read: dict[int, PartitionProgress] = {}

    def is_input(self, topic: str) -> bool:
        """Whether it is a topic that shops write to."""
        return topic in self._topics.inputs

    def reached(self, position: Position, numbers: Iterable[int]) -> int:
        """The offset behind the last record of an input of which these partitions of profiles have everything."""
        name = position.topic.removeprefix(self._topics.prefix)
        found = (self._proofs.through(name, position.partition, number, at_once=position.at_once) for number in numbers)
        return min(found, default=-1) + 1

    def known(self, numbers: Iterable[int]) -> list[Position]:
        """Of each input partition the last record that all these partitions of profiles have, by number."""
        everywhere = list(numbers)
        found = [Position(f"{self._topics.prefix}{topic}", number, 0) for topic, number in self._proofs.places()]
        reached = [one._replace(offset=self.reached(one, everywhere) - 1) for one in found]
        return [one for one in reached if one.offset >= 0]

    def short(self) -> list[tuple[str, int]]:
        """Topics and partitions that the store has to read further before more is proved."""
        return self._proofs.short(self._reached)

    def advance(self) -> None:
        """The store has gone on."""
        if self._proofs.advance(self._reached):
            self._wake()

    async def follow(self, ends_of: EndsOf) -> None:
        """Until cancelled. Without the topic, or the right to read it, nothing of inputs is known, and that is said."""
        said = False
        while True:
            try:
                await self._follow(ends_of)
            except (KafkaError, OSError) as error:
                if not said:
                    said = True
                    log.warning(
                        "positions of inputs are unknown for now", topic=self._topics.progress, problem=repr(error)
                    )
            await asyncio.sleep(AGAIN_S)

    async def _follow(self, ends_of: EndsOf) -> None:
        place = TopicPartition(self._topics.progress, 0)
        consumer = AIOKafkaConsumer(
            **consumer_arguments(self._bootstrap),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=POLL_MS,
        )
        try:
            await consumer.start()
            consumer.assign([place])
            await consumer.seek_to_beginning(place)
            while True:
                batches = await consumer.getmany(timeout_ms=POLL_MS)
                if numbers := self._heard(batches.get(place, [])):
                    await self._tell(numbers, ends_of)
        finally:
            await consumer.stop()

    def _heard(self, records: list[Any]) -> set[int]:
        """The partitions of profiles that records tell of."""
        numbers = set()
        for record in records:
            if record.key is not None and (told := decode_progress(record.value)) is not None:
                number = int(record.key)
                before = self._read.get(number)
                self._read[number] = told if before is None else later_of(before, told)
                numbers.add(number)
        return numbers

    async def _tell(self, numbers: set[int], ends_of: EndsOf) -> None:
        told = {number: self._read[number] for number in numbers}
        ends = await ends_of([TopicPartition(topic, number) for number in numbers for topic in self._facts])
        for number, progress in told.items():
            self._proofs.told(number, progress, {(topic, number): ends[topic, number] for topic in self._facts})
        self.advance()
