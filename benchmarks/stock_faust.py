"""The same engine the way Faust is usually written: per-event agents, a Table, `send` per record."""

import multiprocessing
import time
from typing import Any

from benchmarks.shop import Shop, shop_on


def measure_stock(shop: Shop, events: int) -> float:
    """Events/s of per-event agents over the first `events` input records, in a process of its own."""
    context = multiprocessing.get_context("spawn")
    results: Any = context.Queue()
    where = (shop.bootstrap, shop.settings.data_dir, shop.settings.app_id, shop.topics.partitions)
    process = context.Process(target=_stock_worker, args=(where, events, results))
    process.start()
    try:
        rate: float = results.get(timeout=300)
        return rate
    finally:
        process.terminate()
        process.join()


def _stock_worker(where: tuple[str, str, str, int], events: int, results: Any) -> None:
    import asyncio

    asyncio.run(_run(shop_on(*where), events, results))


async def _run(shop: Shop, events: int, results: Any) -> None:
    """Ingest per event into a topic, fold per event against a Table, changes per event: until enough are folded."""
    import asyncio

    import faust
    import msgspec

    from liveprofile.profiles.fold.fold import Fold
    from liveprofile.streams.contract.cloud_events import CloudEvents
    from liveprofile.streams.stages.wiring import Wiring

    app = faust.App(
        "stock",
        broker=f"aiokafka://{shop.bootstrap}",
        store="memory://",
        topic_partitions=shop.topics.partitions,
        web_enabled=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        key_serializer="raw",
        value_serializer="raw",
        datadir=f"{shop.settings.data_dir}/stock",
    )
    raw = {"key_type": bytes, "value_type": bytes, "key_serializer": "raw", "value_serializer": "raw"}
    inputs = app.topic(*shop.topics.inputs, **raw)
    activity = app.topic("stock-activity", partitions=shop.topics.partitions, **raw)
    changes = app.topic("stock-changes", partitions=shop.topics.partitions, **raw)
    profiles = app.Table("profiles", default=bytes, key_type=bytes, value_type=bytes, partitions=shop.topics.partitions)
    at_once = msgspec.structs.replace(shop.settings.ingest, batch_deadline_ms=0.0)  # one event waits for no company
    settings = msgspec.structs.replace(shop.settings, ingest=at_once)
    stage: Any = Wiring(settings, shop.bootstrap).ingest(marks=False)
    engines = [Fold(shop.settings.profile.policy, None, number) for number in range(shop.topics.partitions)]
    cloud_events = CloudEvents("stock", lambda: time.time_ns() // 1_000_000)
    progress = {"folded": 0, "began": 0.0}
    done = asyncio.Event()

    class PerEvent:
        """An outbox that sends record by record, as a stock agent does."""

        def generation(self, topic: str) -> int:
            return 0

        def layout(self, topic: str) -> int:
            return 3

        def partitions(self, topic: str) -> int:
            return shop.topics.partitions

        async def send(self, topic: str, partition: int, items: Any) -> None:
            if topic != shop.topics.activity:
                return  # what ingest says of items goes nowhere
            for key, value, _ in items:
                await activity.send(key=key, value=value, partition=partition)

    @app.agent(inputs)  # type: ignore[untyped-decorator]  # Faust is taken as untyped
    async def ingest(stream: Any) -> None:
        await stage.start(PerEvent())
        async for event in stream.events():
            progress["began"] = progress["began"] or time.perf_counter()
            message = event.message
            await stage.handle(message.topic, message.partition, [_StockRecord(message)], lambda: None)

    @app.agent(activity)  # type: ignore[untyped-decorator]  # Faust is taken as untyped
    async def fold(stream: Any) -> None:
        async for event in stream.events():
            message = event.message
            engine = engines[message.partition]
            if before := profiles.get(message.key):
                engine.restore([(message.key, before)])
            result = engine.apply([message.key], [message.value], [message.offset])
            profiles[message.key] = dict(engine.table.take_touched())[message.key]
            for fact in result.changes:
                key, value, _ = cloud_events.changed(fact)
                await changes.send(key=key, value=value)
            progress["folded"] += 1
            if progress["folded"] >= events:
                done.set()

    await activity.maybe_declare()
    await changes.maybe_declare()
    await app.start()
    await done.wait()
    results.put(events / (time.perf_counter() - progress["began"]))


class _StockRecord:
    """A Faust message as a stage sees a record."""

    headers: tuple[()] = ()

    def __init__(self, message: Any) -> None:
        self.topic, self.partition, self.offset = message.topic, message.partition, message.offset
        self.key, self.value = message.key, message.value
        self.timestamp = round(message.timestamp * 1000)
