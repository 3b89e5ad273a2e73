"""Follows the topics in a thread of its own: catches up, says when it has, and goes on until it is stopped."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import SetupError
from liveprofile.streams.runtime.topic_ids import identities
from liveprofile.streams.serve.follow.apply import Applier, Fact
from liveprofile.streams.serve.follow.inputs import Inputs
from liveprofile.streams.serve.follow.waiting import Position
from liveprofile.streams.serve.store.store import Store
from liveprofile.streams.transport.connecting import ConnectionGate
from liveprofile.streams.transport.connection import Bootstrap, consumer_arguments, no_kafka
from liveprofile.streams.transport.private_hooks.of_aiokafka import client_of

log = structlog.get_logger(__name__)

POLL_MS = 200
MOST_RECORDS = 2_000
"""Records of one write; a reader may have to wait for the interpreter while they are applied."""
PROBE_S = 0.5
"""Time between two questions for the ends of the topics: the resolution of `Age`."""
SILENT_S = 3.0
"""Silence after which the end counts as reached: a compacted log may end in a gap."""
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class CatchUp:
    """How far the follower is."""

    done: int
    total: int


class Follower:
    """Reads without a consumer group, so that replicas do not share partitions: each has everything."""

    def __init__(
        self,
        store: Store,
        bootstrap: Bootstrap,
        topics: Topics,
        *,
        history_days: float = 30.0,
        on_facts: Callable[[list[Fact]], None] = lambda facts: None,
        on_progress: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_facts` and `on_progress` are called in the follower's thread, when records are in the store."""
        self._store, self._bootstrap = store, bootstrap
        self._history_days, self._on_facts, self._on_progress = history_days, on_facts, on_progress
        self._applier = Applier(store, topics)
        self._first, self._profiles = topics.rules, topics.profiles
        self._thread = threading.Thread(target=self._run, name="liveprofile follower", daemon=True)
        self._stopping = threading.Event()
        self.ready = threading.Event()
        """Set once everything that was there at the start is in the store; it stays set."""
        self.failure: BaseException | None = None
        """What ended it."""
        self.positions: dict[TopicPartition, int] = {}
        """The offset behind the last record that is in the store."""
        self._passed: dict[TopicPartition, int] = {}
        """The same with what is never delivered, for the partitions where that was asked for."""
        self._ends: dict[TopicPartition, int] = {}
        self._begins: dict[TopicPartition, int] = {}
        self._level_s: dict[TopicPartition, float] = {}
        """When a partition was last known to be read to its end, on the clock of `time.monotonic`."""
        self._heard_s = 0.0
        self.inputs = Inputs(topics, bootstrap, self._through, on_progress)
        """How far the events of shops have come."""

    def start(self) -> None:
        """Begin; errors are in `failure`, and the thread ends with them."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait until nothing writes the store any more."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    @property
    def alive(self) -> bool:
        """Whether it goes on."""
        return self._thread.is_alive()

    @property
    def unreadable(self) -> dict[str, int]:
        """Records that could not be read, by topic."""
        return dict(self._applier.unreadable)

    def progress(self) -> CatchUp:
        """Of the catch-up: records, as offsets count them."""
        begins, ends = dict(self._begins), dict(self._ends)
        total = sum(ends[place] - begins.get(place, 0) for place in ends)
        done = sum(min(self.positions.get(place, 0), end) - begins.get(place, 0) for place, end in ends.items())
        return CatchUp(max(done, 0), total)

    def age_s(self, topic: str, partition: int) -> float:
        """How old the newest proof is that everything of a partition is in the store; infinite without one."""
        level_s = self._level_s.get(TopicPartition(topic, partition))
        return time.monotonic() - level_s if level_s is not None else float("inf")

    def reached(self, topic: str, partition: int) -> int | None:
        """The offset behind the last record of a partition in the store; None for one that is not followed."""
        return self.positions.get(TopicPartition(topic, partition))

    def inputs_reached(self) -> list[Position]:
        """Of each input partition the last record that all profiles of the store have."""
        return self.inputs.known(place.partition for place in list(self.positions) if place.topic == self._profiles)

    def _through(self, topic: str, partition: int) -> int | None:
        """As `reached`, with what is never delivered behind it."""
        place = TopicPartition(topic, partition)
        return max(self.positions.get(place, 0), self._passed.get(place, 0))

    def _run(self) -> None:
        try:
            asyncio.run(self._follow())
        except BaseException as error:  # the process must not go on as if it followed
            self.failure = error
            log.error("the follower has ended", problem=repr(error))

    async def _follow(self) -> None:
        consumer = AIOKafkaConsumer(
            **consumer_arguments(self._bootstrap),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=POLL_MS,
            max_partition_fetch_bytes=4 << 20,
        )
        gate = ConnectionGate(client_of(consumer))
        try:
            await consumer.start()
        except (KafkaError, ValueError, OSError):
            await consumer.stop()
            raise no_kafka(
                self._bootstrap, "Start the embedded one with `liveprofile broker start`, or name another."
            ) from None
        try:
            await self._assign(consumer)
            beside = [self._probe(consumer, gate), self.inputs.follow(consumer.end_offsets)]
            tasks = [asyncio.create_task(one) for one in beside]
            for task in tasks:
                task.add_done_callback(self._ended)
            try:
                await self._read(consumer)
            finally:
                for task in tasks:
                    task.cancel()
        finally:
            gate.give_up()
            await consumer.stop()

    def _ended(self, task: asyncio.Task[None]) -> None:
        """What goes on beside the reading ends only with it; else answers would be less fresh than they say."""
        if not task.cancelled():
            self.failure = task.exception()
            self._stopping.set()

    async def _assign(self, consumer: Any) -> None:
        """All partitions, each from where the store goes on; a topic that was replaced empties the store."""
        found = await identities(client_of(consumer), self._applier.topics)
        if missing := [topic for topic in self._applier.topics if topic not in found]:
            raise SetupError(f"This Kafka has no topic {missing[0]}.", "Create all of them: liveprofile topics create.")
        known = {topic: self._store.topic_id(topic) for topic in found}
        if replaced := [topic for topic, one in found.items() if known[topic] not in ("", one.topic_id)]:
            log.warning("topics were replaced: the store begins anew", topics=sorted(replaced))
            self._store.clear()
        for topic, one in found.items():
            self._store.note_topic(topic, one.topic_id)
        places = [TopicPartition(topic, number) for topic, one in found.items() for number in range(one.partitions)]
        consumer.assign(places)
        begins = await consumer.beginning_offsets(places)
        for place in places:
            offset = max(self._store.offsets(place.topic).get(place.partition, 0), begins[place])
            self.positions[place] = self._begins[place] = offset
            consumer.seek(place, offset)
        self._ends = await consumer.end_offsets(places)

    async def _read_first(self, consumer: Any) -> None:
        """Read the publications of rules before all else: what follows tells by them which moves an edit caused."""
        first = TopicPartition(self._first, 0)
        others = self.positions.keys() - {first}
        consumer.pause(*others)
        give_up_s = time.monotonic() + SILENT_S
        while await consumer.position(first) < self._ends[first] and not self._stopping.is_set():
            if batches := await consumer.getmany(first, timeout_ms=POLL_MS):
                self._take(batches)
                give_up_s = time.monotonic() + SILENT_S
            elif time.monotonic() > give_up_s:
                break
        consumer.resume(*others)

    async def _read(self, consumer: Any) -> None:
        await self._read_first(consumer)
        forgotten_s = time.monotonic()
        self._heard_s = time.monotonic()
        while not self._stopping.is_set():
            batches = await consumer.getmany(timeout_ms=POLL_MS, max_records=MOST_RECORDS)
            if batches:
                self._take(batches)
                self._heard_s = time.monotonic()
            for (
                place
            ) in self.inputs.short():  # what ends a transaction is never delivered: the consumer alone passes it
                self._passed[TopicPartition(*place)] = await consumer.position(TopicPartition(*place))
            self.inputs.advance()
            if time.monotonic() - forgotten_s > DAY_S:
                forgotten_s = time.monotonic()
                count = self._store.forget_old(self._history_days)
                log.info("history forgotten", records=count, older_than_days=self._history_days)

    def _take(self, batches: dict[TopicPartition, list[Any]]) -> None:
        facts: list[Fact] = []
        for place, records in sorted(batches.items(), key=lambda one: one[0].topic != self._first):
            self._applier.apply(place.topic, place.partition, records, facts)
            self.positions[place] = records[-1].offset + 1
        if facts:
            self._on_facts(facts)
        self._on_progress()

    async def _probe(self, consumer: Any, gate: ConnectionGate) -> None:
        """Ask for the ends of the topics, over and over: only an answer proves that nothing is missing."""
        places: Sequence[TopicPartition] = list(self.positions)
        while True:
            asked_s = time.monotonic()
            try:
                ends = await consumer.end_offsets(places)
            except KafkaError:
                await asyncio.sleep(PROBE_S)
                continue
            if not self.ready.is_set():
                self._ends = ends
            silent = asked_s - self._heard_s > SILENT_S and not gate.away
            for place, end in ends.items():
                # What ends a transaction has an offset, but is never delivered: the consumer alone passes it.
                if self.positions[place] >= end or silent or await consumer.position(place) >= end:
                    self._level_s[place] = asked_s
            if not self.ready.is_set() and len(self._level_s) == len(places):
                self.ready.set()
            await asyncio.sleep(PROBE_S if self.ready.is_set() else 0.05)
