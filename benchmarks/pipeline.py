"""Events through all stages in one worker, beside the fold alone, the same engine on stock Faust, and aiokafka alone.

The broker runs on the same machine and is counted in. The text cache is warm: every text was embedded before. All
figures come from the same simulated events in the same run.
"""

import asyncio
import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks.shop import Shop, open_shop
from benchmarks.stock_faust import measure_stock
from benchmarks.transport import paired, raw_per_s
from benchmarks.warm import warm
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.state.row import row_dtype
from liveprofile.streams.cli.worker import runtime_config
from liveprofile.streams.runtime.partition_state import read_partition
from liveprofile.streams.runtime.runtime import Runtime
from liveprofile.streams.stages.wiring import Wiring

EVENTS = 200_000
STOCK_EVENTS = 4_000
BATCH = 4_096
ROUNDS = 3

Progress = Callable[[str], None]


def run(progress: Progress) -> dict[str, Any]:
    """Events/s: the median of three workers over 200,000 events each, each on fresh topics of its own."""
    rates, raw, figures = [], [], {}
    for number in range(1, ROUNDS + 1):
        with open_shop() as shop:
            progress(f"round {number} of {ROUNDS}: writing {EVENTS:,} simulated events, warming the text cache")
            asyncio.run(shop.send(EVENTS))
            asyncio.run(warm(shop))
            figures = asyncio.run(through_all_stages(shop, EVENTS))
            rates.append(figures["events_per_s"])
            raw.append(asyncio.run(raw_per_s(shop.bootstrap, EVENTS)))
            progress(f"round {number} of {ROUNDS}: {rates[-1]:,.0f} events/s; aiokafka alone {raw[-1]:,.0f} records/s")
            if number == ROUNDS:
                engine = asyncio.run(fold_alone(shop))
                progress(f"the fold alone: {engine['engine_only_events_per_s']:,.0f} activities/s")
                stock = measure_stock(shop, STOCK_EVENTS)
                progress(f"the same engine on stock Faust: {stock:,.0f} events/s")
    rate = statistics.median(rates)
    return (
        figures
        | engine
        | {
            "events_per_s": round(rate),
            "stock_faust_events_per_s": round(stock),
            "pipeline_to_stock": round(rate / stock, 1),
            "raw_aiokafka_per_s": round(statistics.median(raw)),
            "pipeline_to_raw": round(paired(rates, raw), 4),
            "events": EVENTS,
            "rounds": [round(one) for one in rates],
        }
    )


async def through_all_stages(shop: Shop, events: int) -> dict[str, Any]:
    """One worker from its first record until every activity is folded and its facts are durable."""
    stages: list[Any] = Wiring(shop.settings, shop.bootstrap).stages(("ingest", "profile", "learn", "items"))
    ingest, profile, *_ = stages
    async with Runtime(stages, runtime_config(shop.settings, shop.bootstrap)) as runtime:
        began = None
        while ingest.counters.records < events or profile.counters.applied < ingest.counters.activities:
            runtime.raise_failure()
            if began is None and ingest.counters.records:
                began = time.perf_counter()
            await asyncio.sleep(0.01)
        assert began is not None
        elapsed = time.perf_counter() - began
    return {
        "events_per_s": events / elapsed,
        "changes_per_100_events": round(100 * profile.counters.changes / events, 2),
        "activities": ingest.counters.activities,
        "fold_share_of_time": round(profile.counters.fold_s / elapsed, 3),
        "bytes_per_profile": row_dtype(shop.settings.profile.policy.dims).itemsize,
    }


async def fold_alone(shop: Shop) -> dict[str, Any]:
    """The fold in memory over the `activity` that the stages wrote, partition by partition, without Kafka."""
    logs = []
    for partition in range(shop.topics.partitions):
        keys, values, offsets = [], [], []
        async for records in read_partition(shop.bootstrap, shop.topics.activity, partition):
            for key, value, offset in records:
                keys.append(key)
                values.append(value or b"")
                offsets.append(offset)
        logs.append((keys, values, offsets))
    count, began = 0, time.perf_counter()
    for partition, (keys, values, offsets) in enumerate(logs):
        fold = Fold(shop.settings.profile.policy, "bench", partition)
        for low in range(0, len(keys), BATCH):
            high = low + BATCH
            count += fold.apply(keys[low:high], values[low:high], offsets[low:high]).applied
    return {"engine_only_events_per_s": round(count / (time.perf_counter() - began))}
