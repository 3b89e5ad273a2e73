"""The stream in one process, without Kafka: the very stages, fed batch by batch, as fast as they go.

A batch of input records goes through ingest; its activities, and the ticks of its time, are appended to the logs of
their partitions in the order of arrival, and folded; examples are learnt; adoptions go into the logs behind them. So
all bytes depend on the input, the settings, `batch` and `tick_s` alone: `batch` is how far learning lags behind.
"""

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
from liveprofile.streams.stages.ingest.stage import input_kind
from liveprofile.streams.stages.profile.counters import ProfileCounters
from liveprofile.streams.stages.profile.partition import TICK_KEY, Partition
from liveprofile.streams.transport.record import Item

BATCH = 2_000
TICK_S = 600.0
"""A worker's ticks come every few seconds; what falls due between two is said at its own time all the same."""

Output = Callable[[str, Sequence[MemoryRecord]], None]
"""Is given the new records of one partition of a topic: activities before they are folded, facts, dead letters, …"""


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
        """Input records taken."""
        self.log, self._arriving = wiring.log, MemoryLog(wiring.topics)
        self._topics = wiring.topics
        self._inputs = {input_kind(topic): topic for topic in wiring.topics.inputs}
        self._policy = wiring.profile_config().policy
        self._ingest, self._learn = wiring.ingest(), wiring.learn()
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
        """Take records in the order of their arrival; `progress` is told how many there were so far."""
        rest = iter(arrivals)
        while batch := list(islice(rest, self._batch)):
            await self._admit(batch)
            await self._fold_and_learn()
            self.records += len(batch)
            progress(self.records)

    async def wait_until(self, time_ms: int) -> None:
        """Let time pass without events: ticks up to this time, which say what falls due by then."""
        ticks = [tick for _, tick in self._ticks_until(time_ms)]
        self.log.time_ms = max(self.log.time_ms, time_ms)
        for number in range(len(self.partitions)):
            await self.log.send(self._topics.activity, number, ticks)
        await self._fold_and_learn()

    async def checkpoint(self) -> None:
        """Hand out what a checkpoint writes: snapshots and state of all profiles that changed since the last one."""
        for partition in self.partitions:
            for write in partition.encode():
                await self.log.send(write.topic, write.partition, write.items)
        self._hand_out_rest()

    async def _admit(self, batch: Sequence[Arrival]) -> None:
        """Records become activities in the logs of their partitions, with ticks between them."""
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
        """Ingest a batch, all records of one kind at once; tells where in the batch each of them stood."""
        by_kind: dict[str, list[int]] = {}
        for at, one in enumerate(batch):
            by_kind.setdefault(one.topic, []).append(at)
        places = Places()
        for kind, chosen in by_kind.items():
            topic, first = self._inputs[kind], self._ends[kind]
            run = [
                MemoryRecord(topic, 0, first + at, batch[place].time_ms, batch[place].key, batch[place].value)
                for at, place in enumerate(chosen)
            ]
            self._ends[kind] += len(run)
            await self._ingest.handle(topic, 0, run, _acknowledged)
            places.add(kind, first, chosen)
        return places

    def _ticks_until(self, time_ms: int) -> list[tuple[int, Item]]:
        """The ticks that are due by now, and have not come yet."""
        last = time_ms if self._ticked_ms is None else self._ticked_ms
        times = range(last + self._tick_ms, time_ms + 1, self._tick_ms)
        self._ticked_ms = times[-1] if times else last
        dims = self._policy.dims
        return [(one, (TICK_KEY, control_record(Kind.TICK, one, dims), ())) for one in times]

    async def _fold_and_learn(self) -> None:
        """Fold what stands in the logs, learn from it, hand out all else; adoptions wait for the next batch."""
        for partition in self.partitions:
            if run := self.log.take(self._topics.activity, partition.number):
                self._hand_out(self._topics.activity, run)
                await self._fold(partition, run)
        for number, items in enumerate(self.items):
            if run := self.log.take(self._topics.item_events, number):
                items.apply([record.value for record in run], [record.offset for record in run])
        if examples := self.log.take(self._topics.examples, 0):
            self._hand_out(self._topics.examples, examples)
            await self._learn.handle(self._topics.examples, 0, examples, _acknowledged)
        self._hand_out_rest()

    async def _fold(self, partition: Partition, run: Sequence[MemoryRecord]) -> None:
        """Fold a run, in pieces where the observer wants to look between them."""
        if self._observer is None:
            await partition.take(run)
            return
        keys = [record.key for record in run]
        heads = decode_heads([record.value or b"" for record in run], self._policy.dims)
        start = 0
        for end, shown in cuts(keys, heads, self._observer.wants(keys, heads)):
            for at in shown:
                key = keys[at] or b""
                self._observer.see(key, heads[at], profile_now(partition.fold, key))
            if end > start:
                await partition.take(run[start:end])
            start = end

    def _hand_out_rest(self) -> None:
        """What no stage reads."""
        for topic, number in self.log.places():
            if topic != self._topics.activity:
                self._hand_out(topic, self.log.take(topic, number))

    def _hand_out(self, topic: str, records: Sequence[MemoryRecord]) -> None:
        if self._output is not None and records:
            self._output(topic, records)


def _items(records: Sequence[MemoryRecord]) -> list[Item]:
    return [(record.key, record.value, record.headers) for record in records]


def _acknowledged() -> None:
    """Nothing waits for it here."""
