"""How fast records reach Python: raw aiokafka, a stock Faust agent, the batch transport; one topic, one run."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import faust
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from liveprofile.streams.runtime.app import RuntimeConfig
from liveprofile.streams.runtime.outbox import KafkaOutbox
from liveprofile.streams.runtime.runtime import Runtime
from liveprofile.streams.runtime.stage import Ack, Outbox
from liveprofile.streams.transport.record import Item, Record, TopicPartition

PARTITIONS = 4
EVENTS = 500_000
STOCK_EVENTS = 20_000
ROUNDS = 5
TAKEN, TAKEN_WITHIN_S = 1_000, 0.1
"""What stock Faust gathers for one turn of its agent, in its second line."""
CLICK = (
    b'{"event_id":"e%08d","user_id":"u%05d","ts":"2026-08-01T12:00:00.000Z","action":"view","item_id":"i%04d",'
    b'"title":"Cast iron casserole, 4 litres, red","category":"home/kitchen/cookware","price":49.9,"currency":"EUR"}'
)

Progress = Callable[[str], None]
Way = Callable[["Topic"], Awaitable[float]]


@dataclass(frozen=True, slots=True)
class Topic:
    """The topic that all ways read, from its beginning."""

    bootstrap: str
    name: str


def run(progress: Progress, bootstrap: str | None = None) -> dict[str, Any]:
    """Events/s of each way. Starts a broker of its own unless `bootstrap` names one; each way counts and commits.

    Medians of five rounds in turns: raw and batch over 500,000 events, stock over the first 20,000 of the same.
    """
    if bootstrap is not None:
        return asyncio.run(_measure(progress, bootstrap))
    from liveprofile.streams.broker import Broker  # only needed, and only slow, without a cluster

    with tempfile.TemporaryDirectory() as folder, Broker(folder) as broker:
        return asyncio.run(_measure(progress, broker.bootstrap))


async def _measure(progress: Progress, bootstrap: str) -> dict[str, Any]:
    topic = Topic(bootstrap, f"transport-{uuid.uuid4().hex[:8]}")
    progress(f"writing {EVENTS:,} clicks")
    await _fill(topic)
    ways: dict[str, Way] = {
        "raw_aiokafka": _raw,
        "batch_transport": _batch,
        "stock_faust": _stock,
        "stock_faust_take": _stock_take,
    }
    figures: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(1, ROUNDS + 1):
        for name, way in ways.items():
            figures[name].append(await way(topic))
            progress(f"round {number} of {ROUNDS}: {name} {figures[name][-1]:,.0f} events/s")
    raw, batch, stock, taken = (figures[name] for name in ways)
    return {
        **{name: round(statistics.median(rates)) for name, rates in figures.items()},
        "batch_to_raw": round(paired(batch, raw), 3),
        "batch_to_stock": round(paired(batch, stock), 1),
        "batch_to_stock_take": round(paired(batch, taken), 1),
        "events": EVENTS,
        "partitions": PARTITIONS,
    }


def paired(rates: list[float], baseline: list[float]) -> float:
    """The median of the ratios of each round: machines change their speed from one minute to the next."""
    return statistics.median(rate / base for rate, base in zip(rates, baseline, strict=True))


async def raw_per_s(bootstrap: str, events: int) -> float:
    """Clicks that aiokafka alone reads a second, of so many on a topic of their own; `events` is a multiple of four."""
    topic = Topic(bootstrap, f"raw-{uuid.uuid4().hex[:8]}")
    await _fill(topic, events)
    return await _raw(topic, events)


async def _fill(topic: Topic, events: int = EVENTS) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=topic.bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic.name, PARTITIONS, 1)])
    finally:
        await admin.close()
    async with KafkaOutbox(topic.bootstrap) as outbox:
        each = events // PARTITIONS
        for start in range(0, each, 25_000):
            numbers = range(start, min(start + 25_000, each))
            items: list[Item] = [(b"u%05d" % n, CLICK % (n, n, n % 10_000), []) for n in numbers]
            await asyncio.gather(*(outbox.send(topic.name, partition, items) for partition in range(PARTITIONS)))


class Counter:
    """Counts events against a clock that starts at the first."""

    def __init__(self, enough: int) -> None:
        self.done = asyncio.Event()
        self._enough = enough
        self._count = 0
        self._started = 0.0
        self._ended = 0.0

    def add(self, events: int) -> None:
        """Count events that have just arrived."""
        if not self._count:
            self._started = time.perf_counter()
        self._count += events
        if self._count >= self._enough and not self.done.is_set():
            self._ended = time.perf_counter()
            self.done.set()

    @property
    def per_s(self) -> float:
        """Events per second from the first to the last."""
        return self._count / (self._ended - self._started)


async def _raw(topic: Topic, events: int = EVENTS) -> float:
    """aiokafka alone: a consumer in a group, `getmany` in a loop, a commit a second."""
    settings = RuntimeConfig(f"raw-{uuid.uuid4().hex[:8]}", topic.bootstrap)
    consumer = AIOKafkaConsumer(
        topic.name,
        bootstrap_servers=topic.bootstrap,
        group_id=settings.app_id,
        auto_offset_reset="earliest",
        enable_auto_commit=True,
        auto_commit_interval_ms=int(settings.commit_every_s * 1000),
        max_partition_fetch_bytes=settings.fetch_bytes,
    )
    await consumer.start()
    counter = Counter(events)
    try:
        while not counter.done.is_set():
            fetched = await consumer.getmany(timeout_ms=1000, max_records=settings.max_batch_records)
            for records in fetched.values():
                counter.add(len(records))
    finally:
        await consumer.stop()
    return counter.per_s


class CountingStage:
    """Counts and acks."""

    name = "count"

    def __init__(self, topic: str, counter: Counter) -> None:
        self.topics = (topic,)
        self._counter = counter

    async def start(self, outbox: Outbox) -> None:
        """Nothing to make ready."""

    async def handle(self, topic: str, partition: int, run: Sequence[Record], ack: Ack) -> None:
        """Count the run."""
        self._counter.add(len(run))
        ack()

    async def revoke(self, partitions: Collection[TopicPartition]) -> None:
        """Nothing to write."""

    async def stop(self) -> None:
        """Nothing to release."""


async def _batch(topic: Topic) -> float:
    """The same through our runtime: a Faust app, one agent, whole runs, acks, a commit a second."""
    counter = Counter(EVENTS)
    config = RuntimeConfig(f"batch-{uuid.uuid4().hex[:8]}", topic.bootstrap)
    async with Runtime([CountingStage(topic.name, counter)], config) as runtime:
        await _first(counter.done.wait(), runtime.failed)
    return counter.per_s


async def _stock(topic: Topic) -> float:
    """The same through Faust as it comes: one agent, one event per message."""

    async def count(stream: Any, counter: Counter) -> None:
        async for _ in stream:
            counter.add(1)

    return await _through_faust(topic, count)


async def _stock_take(topic: Topic) -> float:
    """The same with Faust's own batches: `take` gathers up to TAKEN events, or those of TAKEN_WITHIN_S."""

    async def count(stream: Any, counter: Counter) -> None:
        async for events in stream.take(TAKEN, within=TAKEN_WITHIN_S):
            counter.add(len(events))

    return await _through_faust(topic, count)


async def _through_faust(topic: Topic, count: Callable[[Any, Counter], Awaitable[None]]) -> float:
    counter = Counter(STOCK_EVENTS)
    app = faust.App(
        f"stock-{uuid.uuid4().hex[:8]}",
        broker=f"aiokafka://{topic.bootstrap}",
        autodiscover=False,
        web_enabled=False,
        topic_disable_leader=True,
        stream_wait_empty=False,
        consumer_auto_offset_reset="earliest",
        broker_commit_interval=1.0,
        datadir=tempfile.mkdtemp(),
    )

    @app.agent(app.topic(topic.name, key_type=bytes, value_type=bytes, value_serializer="raw"))  # type: ignore[untyped-decorator]  # Faust is taken as untyped
    async def agent(stream: Any) -> None:
        await count(stream, counter)

    await app.start()
    try:
        await counter.done.wait()
    finally:
        await app.stop()
    return counter.per_s


async def _first(work: Awaitable[Any], failed: asyncio.Future[None]) -> None:
    task = asyncio.ensure_future(work)
    await asyncio.wait((task, failed), return_when=asyncio.FIRST_COMPLETED)
    task.cancel()
