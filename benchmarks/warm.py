"""A warm text cache: every text of a run is embedded before it, as in a shop that has run for a while."""

from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks.shop import Shop
from liveprofile.streams.runtime.partition_state import read_partition
from liveprofile.streams.simulator.events import SimEvent
from liveprofile.streams.stages.wiring import Wiring

BATCH = 4_096


async def warm(shop: Shop) -> None:
    """Embed the texts of what is on the input topics, so that the measured run finds all of them in the cache."""
    stage = await _started(shop)
    for topic in shop.topics.inputs:
        for partition in range(shop.topics.partitions):
            async for records in read_partition(shop.bootstrap, topic, partition):
                run = [_Record(topic, partition, offset, key, value) for key, value, offset in records]
                await _handle(stage, run)
    await stage.stop()


async def warm_with(shop: Shop, events: Iterable[SimEvent]) -> None:
    """Embed the texts of events that are not yet sent."""
    stage = await _started(shop)
    by_topic: dict[str, list[_Record]] = {topic: [] for topic in shop.topics.inputs}
    for event in events:
        run = by_topic[event.topic]
        run.append(_Record(event.topic, 0, len(run), event.key, event.value(_Record.timestamp)))
    for run in by_topic.values():
        await _handle(stage, run)
    await stage.stop()


async def _started(shop: Shop) -> Any:
    """The ingest stage, which writes nowhere."""
    stage: Any = Wiring(shop.settings, shop.bootstrap).ingest()

    class Nowhere:
        """Takes what ingest writes, and drops it."""

        def generation(self, topic: str) -> int:
            return 0

        def layout(self, topic: str) -> int:
            return 3

        def partitions(self, topic: str) -> int:
            return shop.topics.partitions

        async def send(self, topic: str, partition: int, items: Any) -> None:
            """Nothing is kept."""

    await stage.start(Nowhere())
    return stage


async def _handle(stage: Any, run: "Sequence[_Record]") -> None:
    for low in range(0, len(run), BATCH):
        await stage.handle(run[low].topic, run[low].partition, run[low : low + BATCH], lambda: None)


class _Record:
    """A record as a stage sees it."""

    headers: tuple[()] = ()
    timestamp = 1_700_000_000_000

    def __init__(self, topic: str, partition: int, offset: int, key: bytes | None, value: bytes | None) -> None:
        self.topic, self.partition, self.offset, self.key, self.value = topic, partition, offset, key, value
