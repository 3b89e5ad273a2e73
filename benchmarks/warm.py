"""A warm text cache: every text of a run is embedded before it, as in a shop that has run for a while."""

from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks.shop import Shop
from liveprofile.streams.backtest.engine.memory_log import MemoryLog, MemoryRecord
from liveprofile.streams.runtime.partition_state import read_partition
from liveprofile.streams.simulator.events import SimEvent
from liveprofile.streams.stages.wiring import Wiring
from liveprofile.streams.transport.record import Item

BATCH = 4_096
SENT_MS = 1_700_000_000_000
"""The broker's time of all records."""


async def warm(shop: Shop) -> None:
    """Embed the texts of what is on the input topics, so that the measured run finds all of them in the cache."""
    stage = await _started(shop)
    for topic in shop.topics.inputs:
        for partition in range(shop.topics.partitions):
            async for records in read_partition(shop.bootstrap, topic, partition):
                run = [MemoryRecord(topic, partition, offset, SENT_MS, key, value) for key, value, offset in records]
                await _handle(stage, run)
    await stage.stop()


async def warm_with(shop: Shop, events: Iterable[SimEvent]) -> None:
    """Embed the texts of events that are not yet sent."""
    stage = await _started(shop)
    by_topic: dict[str, list[MemoryRecord]] = {topic: [] for topic in shop.topics.inputs}
    for event in events:
        run = by_topic[event.topic]
        run.append(MemoryRecord(event.topic, 0, len(run), SENT_MS, event.key, event.value(SENT_MS)))
    for run in by_topic.values():
        await _handle(stage, run)
    await stage.stop()


async def _started(shop: Shop) -> Any:
    """The ingest stage, which writes nowhere."""
    stage: Any = Wiring(shop.settings, shop.bootstrap).ingest()
    await stage.start(Nowhere(shop.topics))
    return stage


class Nowhere(MemoryLog):
    """Takes what ingest writes, and drops it."""

    async def send(self, topic: str, partition: int, items: Sequence[Item]) -> int | None:
        return None


async def _handle(stage: Any, run: Sequence[MemoryRecord]) -> None:
    for low in range(0, len(run), BATCH):
        await stage.handle(run[low].topic, run[low].partition, run[low : low + BATCH], lambda: None)
