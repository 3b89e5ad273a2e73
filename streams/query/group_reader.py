"""Reads one topic with a consumer group, record by record, and commits what its caller has handled."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from liveprofile.streams.transport.connecting import ConnectionGate
from liveprofile.streams.transport.connection import Bootstrap, consumer_arguments, no_kafka
from liveprofile.streams.transport.private_hooks.of_aiokafka import client_of

log = structlog.get_logger(__name__)

POLL_MS = 200
MOST_RECORDS = 500
"""Records fetched at once: the most that are read again after a rebalance without having been handled."""
RETRY_S = 0.5
Start = Literal["earliest", "latest"]


class GroupReader(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """The next record, one at a time; a record counts as handled when the next one is asked for.

    Offsets of handled records are committed every `commit_every_s` and at the end, never before. A record that was
    fetched and not handled when its partition goes to another member is that one's to read. aiokafka reconnects by
    itself; a broker that is away makes `next` wait.
    """

    def __init__(
        self,
        bootstrap: Bootstrap,
        group: str,
        topic: str,
        *,
        start: Start = "earliest",
        commit_every_s: float = 1.0,
        connect_s: float = 30.0,
        handle_s: float = 300.0,
        connection: Mapping[str, Any] | None = None,
        on_lost: Callable[[TopicPartition], None] = lambda place: None,
        on_given_up: Callable[[TopicPartition], None] = lambda place: None,
    ) -> None:
        """`start` is where a group without offsets begins; `connect_s` is how long the first connection is tried;
        `handle_s` is how long one record may be in hand before Kafka takes this member for stuck.

        `on_lost` is called with a partition whose log was cut off before it was read; `on_given_up` of one that is no
        longer this member's.
        """
        self._bootstrap, self._group, self._topic = bootstrap, group, topic
        self._start, self._commit_every_s, self._connect_s = start, commit_every_s, connect_s
        self._connection = {"max_poll_interval_ms": round(handle_s * 1000), **(connection or {})}
        self._on_lost, self._on_given_up = on_lost, on_given_up
        self._consumer: Any = None
        self._gate: ConnectionGate
        self._fetched: deque[ConsumerRecord] = deque()
        self._in_hand: ConsumerRecord | None = None
        self._handled: dict[TopicPartition, int] = {}
        """Offsets to commit, by partition: one beyond the last record handled."""
        self._expected: dict[TopicPartition, int] = {}
        """The offset that the next record of a partition has, unless the log lost it or holds a marker there."""
        self._floor: dict[TopicPartition, int] = {}
        """The offset that was committed when a partition was assigned: no commit goes below it."""
        self._assigned = asyncio.Event()
        self._generation = 0
        self._committed_s = time.monotonic()

    async def start(self) -> None:
        """Connect and join the group. `NoKafkaError` if no Kafka answers for `connect_s` seconds."""
        give_up_s = time.monotonic() + self._connect_s
        while True:
            consumer = AIOKafkaConsumer(
                **consumer_arguments(self._bootstrap) | self._connection,
                group_id=self._group,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
            )
            gate = ConnectionGate(client_of(consumer))
            try:
                await consumer.start()
                break
            except KafkaError as error:
                await consumer.stop()
                if time.monotonic() > give_up_s:
                    raise no_kafka(self._bootstrap, "Start the brokers, or give another address.") from error
                await asyncio.sleep(RETRY_S)
        self._consumer, self._gate = consumer, gate
        consumer.subscribe([self._topic], listener=self)

    async def stop(self, *, handled: bool) -> None:
        """Commit and leave the group; `handled` tells whether the record in hand counts.

        Where no Kafka answers, nothing is committed: what was handled since the last commit will come again.
        """
        if handled:
            self.done()
        if self._consumer is not None:
            if not self._gate.away:
                await self._commit()
            self._gate.give_up()
            consumer, self._consumer = self._consumer, None
            await consumer.stop()

    def done(self) -> None:
        """The record in hand is handled."""
        if (record := self._in_hand) is not None:
            self._in_hand = None
            place = TopicPartition(record.topic, record.partition)
            if place in self._expected:
                self._handled[place] = max(record.offset + 1, self._handled.get(place, 0), self._floor.get(place, 0))

    async def next(self, wait_s: float = POLL_MS / 1000) -> ConsumerRecord | None:
        """The next record, None if there is none within about `wait_s`. Counts the one before as handled."""
        self.done()
        if time.monotonic() - self._committed_s >= self._commit_every_s:
            await self._commit()
        if not self._fetched:
            await self._fetch(wait_s)
        if not self._fetched:
            return None
        record = self._in_hand = self._fetched.popleft()
        await self._look_for_loss(TopicPartition(record.topic, record.partition), record.offset)
        return record

    def waiting_keys(self) -> set[str]:
        """The keys of records that were fetched and not given out yet."""
        return {record.key.decode("ascii", "replace") for record in self._fetched if record.key}

    async def _fetch(self, wait_s: float) -> None:
        """Fetch the next records; what was fetched across a rebalance is dropped, and read again by its owner."""
        try:
            async with asyncio.timeout(wait_s):
                await self._assigned.wait()
        except TimeoutError:
            return
        generation = self._generation
        found = await self._consumer.getmany(timeout_ms=round(wait_s * 1000), max_records=MOST_RECORDS)
        if generation == self._generation:
            for records in found.values():
                self._fetched.extend(records)

    async def _look_for_loss(self, place: TopicPartition, offset: int) -> None:
        """Tell of a log that was cut off before it was read; offsets also jump over markers of transactions."""
        expected, self._expected[place] = self._expected.get(place, 0), offset + 1
        if 0 < expected < offset and (await self._consumer.beginning_offsets([place]))[place] > expected:
            log.warning("records lost: retention deleted them before they were read", place=str(place), offset=expected)
            self._on_lost(place)

    async def _commit(self) -> None:
        """Commit what is handled; where the group does not take it now, with the next commit, or read again."""
        self._committed_s = time.monotonic()
        offsets = {place: offset for place, offset in self._handled.items() if place in self._expected}
        self._handled.clear()
        if not offsets:
            return
        try:
            await self._consumer.commit(offsets)
        except (CommitFailedError, IllegalStateError) as error:
            log.warning("offsets not committed: the group shares its partitions out again", problem=repr(error))
        except KafkaError as error:
            if not error.retriable:
                raise
            self._handled = offsets | self._handled
            log.warning("offsets not committed yet", problem=repr(error))

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Commit before others take over, and drop what was fetched and not handled."""
        self._assigned.clear()
        self._generation += 1
        await self._commit()
        self._fetched.clear()

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Begin at the committed offsets, else where `start` says."""
        before, self._expected = self._expected, {}
        for place in assigned:
            offset = await self._consumer.committed(place)
            self._expected[place] = self._floor[place] = offset or 0
            if offset is not None:
                self._consumer.seek(place, offset)
            elif self._start == "latest":
                await self._consumer.seek_to_end(place)
            else:
                await self._consumer.seek_to_beginning(place)
        for place in before.keys() - self._expected.keys():
            self._on_given_up(place)
        self._generation += 1
        self._assigned.set()
