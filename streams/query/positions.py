"""Where an application stands: how far each stage has read each of its partitions, and how far inputs are folded.

It reads what is there without any worker: the ends of topics, what the group has committed, and the topic `progress`.
Of an input record it is known that it is folded, with durable facts, if one of these says so:

    marks      every partition of `activity` is folded through a mark that covers it
    commits    ingest has committed it, and since then every partition of `activity` was folded to its end
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, OffsetOutOfRangeError
from aiokafka.record.memory_records import MemoryRecords

from liveprofile.profiles.records.coordinates import lasting_offset
from liveprofile.streams.clock import now_ms
from liveprofile.streams.contract.partition_progress import PartitionProgress, decode_progress, later_of
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import SetupError
from liveprofile.streams.query.lag import Lag, are_caught_up, lag_of, position_of
from liveprofile.streams.runtime.group_members import Group, describe_group
from liveprofile.streams.runtime.lineage import read_entries
from liveprofile.streams.runtime.partition_fetch import decode, fetch
from liveprofile.streams.transport.connection import Bootstrap, client_arguments, consumer_arguments, no_kafka
from liveprofile.streams.transport.private_hooks.of_aiokafka import client_of

PROBE_BYTES = 64 * 1024
"""Of a partition with waiting records, fetched for the time of the first."""
PROGRESS_BYTES = 4 << 20
COORDINATOR_S = 15.0
_ALL = 1 << 62
_Answer = TypeVar("_Answer")

Place = tuple[str, str, int]
"""Stage, topic and partition."""


@dataclass(frozen=True)
class Standing:
    """What was found at one moment."""

    at_ms: int
    """By this machine's clock, epoch milliseconds."""
    stages: dict[Place, Lag]
    """By stage, topic and partition: what the stage has not done with."""
    inputs: dict[TopicPartition, Lag]
    """By input partition: what is not folded with durable facts, from end to end."""
    progress: dict[int, PartitionProgress] = field(default_factory=dict)
    """By partition of `activity`; without those that no worker has told of."""
    ends: Mapping[tuple[str, int], int] = field(default_factory=dict)
    """The offset at which the next record will be written, by topic and partition."""
    is_marked: bool = True
    """Whether marks tell of every input partition with records."""

    @property
    def seconds(self) -> float:
        """The end-to-end lag: time since the oldest input record arrived that is not folded yet; 0 if all are.

        Where marks do not tell it yet, as after an upgrade, by the oldest record of `activity` that is not folded.
        """
        stages = [] if self.is_marked else [lag.seconds for place, lag in self.stages.items() if place[0] == "profile"]
        return max([*stages, *(lag.seconds for lag in self.inputs.values())], default=0.0)

    @property
    def records(self) -> int:
        """Input records that are not folded yet."""
        return sum(lag.records for lag in self.inputs.values())


class Positions:
    """Looks where an application stands, as often as it is asked.

    A look costs three requests, and one for each partition with waiting records whose first one has changed.
    """

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        admin: AIOKafkaAdminClient,
        topics: Topics,
        generations: Mapping[str, int],
        clock_ms: Callable[[], int],
    ) -> None:
        """`generations`: by topic, how often it was replaced. `clock_ms` has to go with the broker's clock."""
        self._consumer, self._admin, self._topics = consumer, admin, topics
        self._generations, self._clock_ms = generations, clock_ms
        self._progress_place = TopicPartition(topics.progress, 0)
        self._progress_read = -1
        """The next offset of `progress` to read; -1 before the first look."""
        self._progress: dict[int, PartitionProgress] = {}
        self._oldest: dict[TopicPartition, tuple[int, int]] = {}
        """Offset and broker's time of the first waiting record of a partition, as it was found last."""

    async def look(self) -> Standing:
        """Where the application stands now. KafkaError where the brokers go away."""
        topics = self._topics
        stage_of = dict.fromkeys(topics.inputs, "ingest")
        stage_of |= {topics.activity: "profile", topics.examples: "learn", topics.item_events: "items"}
        places = [
            TopicPartition(topic, number)
            for topic in stage_of
            for number in sorted(self._consumer.partitions_for_topic(topic) or ())
        ]
        committed = await self._committed()  # before the ends: see are_caught_up
        ends = await self._consumer.end_offsets([*places, self._progress_place])
        await self._read_progress(ends.pop(self._progress_place))
        done = {place: self._done(place, committed.get(place, 0)) for place in places}
        through = self._folded(ends, committed, done)
        oldest = await self._oldest_ms({*done.items(), *through.items()}, ends)
        now_ms = self._clock_ms()

        def lag(place: TopicPartition, position: int) -> Lag:
            return lag_of(position, ends[place], oldest.get((place, position)), now_ms)

        return Standing(
            now_ms,
            {(stage_of[place.topic], *place): lag(place, position) for place, position in done.items()},
            {place: lag(place, position) for place, position in through.items()},
            dict(self._progress),
            {(place.topic, place.partition): end for place, end in ends.items()},
            all(self._marked(place, ends) is not None for place, end in ends.items() if end and place in through),
        )

    async def group(self) -> Group:
        """The workers' consumer group now. KafkaError where the brokers go away."""
        return await _of_coordinator(lambda: describe_group(self._admin, self._topics.group))

    async def _committed(self) -> dict[TopicPartition, int]:
        found = await _of_coordinator(lambda: self._admin.list_consumer_group_offsets(self._topics.group))
        return {place: at.offset for place, at in found.items() if at.offset >= 0}

    async def _read_progress(self, end: int) -> None:
        """Read on in `progress`."""
        place, client = self._progress_place, client_of(self._consumer)
        if self._progress_read < 0:
            self._progress_read = (await self._consumer.beginning_offsets([place]))[place]
        while self._progress_read < end:
            found = await fetch(client, place, self._progress_read, PROGRESS_BYTES)
            records, self._progress_read = decode(found, self._progress_read, _ALL)  # also what came after `end`
            for key, value, _ in records:
                if key is not None and (told := decode_progress(value)) is not None:
                    number = int(key)
                    before = self._progress.get(number)
                    self._progress[number] = told if before is None else later_of(before, told)

    def _name(self, place: TopicPartition) -> str:
        """The name of an input partition in `progress`."""
        generation = self._generations.get(place.topic, 0)
        again = f"@{generation}" if generation else ""
        return f"{place.topic.removeprefix(self._topics.prefix)}{again}/{place.partition}"

    def _done(self, place: TopicPartition, committed: int) -> int:
        """The offset through which the stage has done with a partition, by its commit or by what is known later."""
        if place.topic == self._topics.activity and (found := self._progress.get(place.partition)):
            base = lasting_offset(self._generations.get(place.topic, 0), 0)
            return max(committed - 1, found.through - base)
        if place.topic in self._topics.inputs:
            name = self._name(place)
            return max([committed - 1, *(one.inputs.get(name, -1) for one in self._progress.values())])
        return committed - 1

    def _folded(
        self,
        ends: Mapping[TopicPartition, int],
        committed: Mapping[TopicPartition, int],
        done: Mapping[TopicPartition, int],
    ) -> dict[TopicPartition, int]:
        """The offset through which each input partition is folded, from end to end."""
        activity = self._topics.activity
        base = lasting_offset(self._generations.get(activity, 0), 0)
        activity_ends = {place.partition: base + end for place, end in ends.items() if place.topic == activity}
        caught_up = are_caught_up(self._progress, activity_ends)
        folded = {}
        for place in ends:
            if place.topic in self._topics.inputs:
                marked = self._marked(place, ends)
                by_commit = committed.get(place, 0) - 1 if caught_up or marked is None else -1
                folded[place] = min(done[place], max(by_commit, -1 if marked is None else marked))
        return folded

    def _marked(self, place: TopicPartition, ends: Mapping[TopicPartition, int]) -> int | None:
        """The offset of an input partition through which all partitions of `activity` are folded, by their marks."""
        numbers = [one.partition for one in ends if one.topic == self._topics.activity]
        return position_of(self._name(place), [self._progress.get(number) for number in numbers])

    async def _oldest_ms(
        self, positions: Iterable[tuple[TopicPartition, int]], ends: Mapping[TopicPartition, int]
    ) -> dict[tuple[TopicPartition, int], int]:
        """The broker's time of the first record after each position before the end."""
        found = {}
        for place, position in positions:
            if position + 1 < ends[place]:
                known = self._oldest.get(place)
                if known is None or known[0] != position + 1:
                    time_ms = await self._time_at(place, position + 1, ends[place])
                    if time_ms is None:
                        continue
                    known = self._oldest[place] = (position + 1, time_ms)
                found[place, position] = known[1]
        return found

    async def _time_at(self, place: TopicPartition, offset: int, end: int) -> int | None:
        """The broker's time of the first record from an offset on; None if there is none before `end`."""
        client: Any = client_of(self._consumer)
        while offset < end:
            try:
                batches = MemoryRecords(await fetch(client, place, offset, PROBE_BYTES))
            except OffsetOutOfRangeError:  # retention has deleted it
                offset = (await self._consumer.beginning_offsets([place]))[place]
                continue
            while batches.has_next():
                batch: Any = batches.next_batch()
                if not batch.is_control_batch:
                    for record in batch:
                        if record.offset >= offset:
                            return int(record.timestamp)
                offset = max(offset, batch.next_offset)
        return None


async def _of_coordinator(ask: Callable[[], Awaitable[_Answer]]) -> _Answer:
    """An answer of the group's coordinator, which a broker without groups makes first, and which may just be moving."""
    give_up_s = time.monotonic() + COORDINATOR_S
    while True:
        try:
            return await ask()
        except KafkaError as error:
            if not error.retriable or time.monotonic() > give_up_s:
                raise
        await asyncio.sleep(0.2)


@asynccontextmanager
async def open_positions(
    bootstrap: Bootstrap, topics: Topics, clock_ms: Callable[[], int] = now_ms
) -> AsyncIterator[Positions]:
    """Positions of the application on a Kafka. NoKafkaError if none answers, SetupError without the topics."""
    consumer = AIOKafkaConsumer(**consumer_arguments(bootstrap), enable_auto_commit=False)
    admin = AIOKafkaAdminClient(**client_arguments(bootstrap))
    try:
        try:
            await admin.start()
            await consumer.start()
        except (KafkaError, OSError) as problem:
            raise no_kafka(
                bootstrap, "Start the embedded one with `liveprofile broker start`, or name another with --bootstrap."
            ) from problem
        present = await consumer.topics()
        if missing := [topic.name for topic in topics.all() if topic.name not in present]:
            raise SetupError(f"This Kafka has no topic {missing[0]}.", "Create all of them: liveprofile topics create.")
        entries = await read_entries(bootstrap, topics.lineage)
        generations = {name: entry.generation for name, entry in entries.items()}
        await client_of(consumer).set_topics([topic.name for topic in topics.all()])
        yield Positions(consumer, admin, topics, generations, clock_ms)
    finally:
        await consumer.stop()
        await admin.close()
