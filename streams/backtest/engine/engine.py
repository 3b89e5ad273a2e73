"""The stream in one process, without Kafka: the same stages process batch after batch, as fast as possible.

Ingest processes a batch of input records. Its activities and the ticks of its time are appended to the logs of their
partitions in the order of arrival, and folded. Then examples are learnt, and adoptions are appended to the logs. So all
bytes depend on the input, the settings, `batch` and `tick_s` alone; learning lags behind by `batch` records.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from types import TracebackType
from typing import Self

import numpy as np

from liveprofile.profiles.fold.precompile import compile_fold
from liveprofile.profiles.items.fold import compile_items
from liveprofile.profiles.records.activity import Kind, control_record, decode_heads
from liveprofile.streams.backtest.engine.arrivals import Arrival
from liveprofile.streams.backtest.engine.memory_log import MemoryLog, MemoryRecord
from liveprofile.streams.backtest.engine.observer import Observer, cuts, profile_now
from liveprofile.streams.backtest.engine.order import Places, in_order
from liveprofile.streams.backtest.engine.parts import OfflineWiring
from liveprofile.streams.contract.inputs import input_kind
from liveprofile.streams.contract.inputs.common import broker_time_ms
from liveprofile.streams.stages.profile.counters import ProfileCounters
from liveprofile.streams.stages.profile.partition import Partition
from liveprofile.streams.stages.profile.ticks import TICK_KEY
from liveprofile.streams.transport.record import Headers, Item

BATCH = 2_000
TICK_S = 600.0
"""Time between ticks. A worker's ticks come every few seconds; timers between two ticks fire at their own time."""
MOST_TICKS = 100_000
"""Ticks at once, almost two years of them."""

Output = Callable[[str, Sequence[MemoryRecord]], None]
"""Called with the new records of one partition of a topic: activities before they are folded, facts, dead letters, …"""


class Engine:
    """Ingest, the folds of profiles and items, and the learner, in memory. An asynchronous context manager."""

    def __init__(
        self,
        wiring: OfflineWiring,
        *,
        output: Output | None = None,
        observer: Observer | None = None,
        batch: int = BATCH,
        tick_s: float = TICK_S,
    ) -> None:
        if batch < 1 or tick_s <= 0:
            raise ValueError(f"batch={batch}, tick_s={tick_s}: take 1 record or more at once, ticks above 0 s apart")
        self.counters = ProfileCounters()
        self.records = 0
        """Number of input records processed."""
        self.log, self._arriving = wiring.log, MemoryLog(wiring.topics)
        self._topics = wiring.topics
        self._inputs = {input_kind(topic): topic for topic in wiring.topics.inputs}
        self._policy = wiring.profile_config().policy
        self._ingest, self._learn = wiring.ingest(marks=False), wiring.learn()
        self.partitions = [wiring.partition(n, self.counters) for n in range(wiring.topics.partitions)]
        self.items = [wiring.item_fold() for _ in range(wiring.topics.partitions)]
        self._output, self._observer = output, observer
        self._batch, self._tick_ms = batch, round(tick_s * 1000)
        self._ticked_ms: int | None = None
        self._ends: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        compile_fold(self._policy)
        compile_items()
        await self._ingest.start(self._arriving)
        await self._learn.start(self.log)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._learn.stop()
        await self._ingest.stop()

    async def run(self, arrivals: Iterable[Arrival], progress: Callable[[int], None] = lambda records: None) -> None:
        """Process records in the order of their arrival; `progress` gets the number so far."""
        rest = iter(arrivals)
        while batch := list(islice(rest, self._batch)):
            await self._admit(self._stamped(batch))
            await self._fold_and_learn()
            self.records += len(batch)
            progress(self.records)

    async def wait_until(self, time_ms: int) -> None:
        """Advance time without events: ticks up to this time fire the timers that are due."""
        ticks = [tick for _, tick in self._ticks_until(time_ms)]
        self.log.time_ms = max(self.log.time_ms, time_ms)
        for number in range(len(self.partitions)):
            await self.log.send(self._topics.activity, number, ticks)
        await self._fold_and_learn()

    async def checkpoint(self) -> None:
        """Output the records of a checkpoint: snapshots and state of all profiles that changed since the last one."""
        for partition in self.partitions:
            for writes in partition.encode():
                await self.log.send_all(writes)
        self._hand_out_rest()

    async def _admit(self, batch: Sequence[Arrival]) -> None:
        """Ingest records into activities, and append them with ticks to the logs of their partitions."""
        places = await self._take_in(batch)
        clock = np.maximum.accumulate(np.array([one.time_ms for one in batch]))
        self.log.time_ms = int(clock[-1])
        if self._ticked_ms is None:
            self._ticked_ms = int(clock[0])
        ticks = self._ticks_until(int(clock[-1]))
        for number in range(len(self.partitions)):
            items = _items(self._arriving.take(self._topics.activity, number))
            await self.log.send(self._topics.activity, number, in_order(items, places, clock, ticks, self._policy.dims))
        for topic, number in self._arriving.places():
            await self.log.send(topic, number, _items(self._arriving.take(topic, number)))

    async def _take_in(self, batch: Sequence[Arrival]) -> Places:
        """Ingest a batch, all records of one kind at once; returns their positions in the batch."""
        by_kind: dict[str, list[int]] = {}
        for at, one in enumerate(batch):
            by_kind.setdefault(one.topic, []).append(at)
        places = Places()
        for kind, chosen in by_kind.items():
            topic, first = self._inputs[kind], self._ends[kind]
            records = [MemoryRecord(topic, 0, first + at, *_fields(batch[place])) for at, place in enumerate(chosen)]
            self._ends[kind] += len(records)
            await self._ingest.handle(topic, 0, records, _acknowledged)
            places.add(kind, first, chosen)
        return places

    def _stamped(self, batch: Sequence[Arrival]) -> list[Arrival]:
        """The batch with a time for each record: one beyond sense is none, and the record has that of the previous one.

        This machine's clock counts for a first record without any.
        """
        known = [broker_time_ms(one.time_ms) for one in batch]
        if None not in known:
            return list(batch)
        last = self.log.time_ms or next((ms for ms in known if ms is not None), None) or time.time_ns() // 1_000_000
        stamped = []
        for one, ms in zip(batch, known, strict=True):
            last = last if ms is None else ms
            stamped.append(one._replace(time_ms=last))
        return stamped

    def _ticks_until(self, time_ms: int) -> list[tuple[int, Item]]:
        """The ticks that are due and not appended yet, at most MOST_TICKS: farther apart over a very long gap."""
        last = time_ms if self._ticked_ms is None else self._ticked_ms
        step = self._tick_ms * (1 + (time_ms - last) // (self._tick_ms * MOST_TICKS))
        times = range(last + step, time_ms + 1, step)
        self._ticked_ms = times[-1] if times else last
        return [(one, self._tick(one)) for one in times]

    def _tick(self, time_ms: int) -> Item:
        return TICK_KEY, control_record(Kind.TICK, time_ms, self._policy.dims), ()

    async def _fold_and_learn(self) -> None:
        """Fold the logs, learn the examples, output all other records; adoptions are folded with the next batch."""
        for partition in self.partitions:
            if batch := self.log.take(self._topics.activity, partition.number):
                self._hand_out(self._topics.activity, batch)
                await self._fold(partition, batch)
        for number, items in enumerate(self.items):
            if batch := self.log.take(self._topics.item_events, number):
                items.apply([record.value for record in batch], [record.offset for record in batch])
        if examples := self.log.take(self._topics.examples, 0):
            self._hand_out(self._topics.examples, examples)
            await self._learn.handle(self._topics.examples, 0, examples, _acknowledged)
        self._hand_out_rest()

    async def _fold(self, partition: Partition, batch: Sequence[MemoryRecord]) -> None:
        """Fold a batch, in pieces if the observer wants to see profiles in between."""
        if self._observer is None:
            await self._take(partition, batch)
            return
        keys = [record.key for record in batch]
        heads = decode_heads([record.value or b"" for record in batch], self._policy.dims)
        start = 0
        for end, shown in cuts(keys, heads, self._observer.wants(keys, heads)):
            for at in shown:
                key = keys[at] or b""
                self._observer.see(key, heads[at], profile_now(partition.fold, key))
            if end > start:
                await self._take(partition, batch[start:end])
            start = end

    async def _take(self, partition: Partition, batch: Sequence[MemoryRecord]) -> None:
        """Fold records; further ticks follow while more profiles are due, as a worker's partition has them."""
        await partition.take(batch)
        while partition.more_due:
            more = self._tick(self._ticked_ms or 0)
            await self.log.send(self._topics.activity, partition.number, [more])
            await partition.take(self.log.take(self._topics.activity, partition.number))
        await self.log.send_all(partition.downstream.take())

    def _hand_out_rest(self) -> None:
        """Output the records that no stage reads."""
        for topic, number in self.log.places():
            if topic != self._topics.activity:
                self._hand_out(topic, self.log.take(topic, number))

    def _hand_out(self, topic: str, records: Sequence[MemoryRecord]) -> None:
        if self._output is not None and records:
            self._output(topic, records)


def _items(records: Sequence[MemoryRecord]) -> list[Item]:
    return [(record.key, record.value, record.headers) for record in records]


def _fields(one: Arrival) -> tuple[int, bytes, bytes | None, Headers]:
    return one.time_ms, one.key, one.value, one.headers


def _acknowledged() -> None:
    """Do nothing: nothing waits for acks here."""
