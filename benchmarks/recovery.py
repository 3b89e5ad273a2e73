"""Recovery: how fast a worker has its state again, from topics of a broker on this machine, in a fresh process."""

import asyncio
import logging
import multiprocessing
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from statistics import median
from typing import Any

import numpy as np
import structlog

from benchmarks.shop import Shop, open_shop
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.state.codec import encode_rows
from liveprofile.profiles.state.row import blank_rows
from liveprofile.streams.contract.cloud_events import CloudEvents
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.runtime.collector import spare_the_collector
from liveprofile.streams.runtime.outbox import KafkaOutbox
from liveprofile.streams.runtime.partition_state import read_partition
from liveprofile.streams.stages.profile.config import ProfileStageConfig
from liveprofile.streams.stages.profile.stage import ProfileStage
from liveprofile.streams.transport.record import Item

RECORDS, PROFILES, PARTITIONS, ROUNDS = 1_000_000, 1_000_000, 4, 3
CHUNK = 10_000
KEY_BYTES, SMALL_BYTES = 32, 100

Progress = Callable[[str], None]


def run(progress: Progress) -> dict[str, Any]:
    """Medians of rounds: small records read from a compacted topic, and profiles of real size loaded into folds."""
    with open_shop(partitions=PARTITIONS) as shop:
        small = [bytes(SMALL_BYTES)] * CHUNK
        asyncio.run(_write(shop, shop.topics.profiles, small, RECORDS, partitions=1))
        records = median(_in_a_fresh_process(_read_seconds, shop) for _ in range(ROUNDS))
        progress(f"small records: {RECORDS / records:,.0f} a second")
        profiles = _random_profiles()
        asyncio.run(_write(shop, shop.topics.state, profiles, PROFILES, partitions=PARTITIONS))
        progress(f"{PROFILES:,} profiles written")
        loads = [_in_a_fresh_process(_load_seconds_and_mib, shop) for _ in range(ROUNDS)]
    seconds = median(load[0] for load in loads)
    progress(f"profiles: {PROFILES / seconds:,.0f} a second")
    return {
        "records_per_s": round(RECORDS / records),
        "record_bytes": KEY_BYTES + SMALL_BYTES,
        "profiles_per_s": round(PROFILES / seconds),
        f"seconds_for_{PROFILES}_profiles": round(seconds, 1),
        "bytes_per_profile": len(profiles[0]),
        "memory_mib": round(median(load[1] for load in loads)),
        "memory_bytes_per_profile": round(median(load[2] for load in loads) / PROFILES),
        "partitions": PARTITIONS,
    }


class _FirstTopicsOutbox(KafkaOutbox):
    """An outbox without a runtime: no topic was ever replaced."""

    def generation(self, topic: str) -> int:
        return 0

    def layout(self, topic: str) -> int:
        return 3

    def topic_id(self, topic: str) -> str:
        return ""

    def owns(self, topic: str, partition: int) -> bool:
        return True

    def fail(self, error: BaseException) -> None:
        raise error


def _random_profiles() -> list[bytes]:
    rows = blank_rows(CHUNK, Policy().dims)
    rows["interest"] = np.random.default_rng(1).integers(-9000, 9000, rows["interest"].shape)
    return encode_rows(rows, Policy().dims)


async def _write(shop: Shop, topic: str, values: list[bytes], count: int, partitions: int) -> None:
    async with KafkaOutbox(shop.bootstrap) as outbox:
        for start in range(0, count, CHUNK):
            items: list[Item] = [(b"%032x" % (start + at), value, ()) for at, value in enumerate(values)]
            await outbox.send(topic, start // CHUNK % partitions, items)


def _in_a_fresh_process(measure: Callable[[str, Topics], Any], shop: Shop) -> Any:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=_prepare) as pool:
        return pool.submit(measure, shop.bootstrap, shop.topics).result()


def _prepare() -> None:
    """As a worker does, and with standard output left to the figures."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    spare_the_collector()


def _read_seconds(bootstrap: str, topics: Topics) -> float:
    return asyncio.run(_read(bootstrap, topics.profiles))


async def _read(bootstrap: str, topic: str) -> float:
    began, count = time.perf_counter(), 0
    async for records in read_partition(bootstrap, topic, 0):
        count += len(records)
    assert count == RECORDS
    return time.perf_counter() - began


def _load_seconds_and_mib(bootstrap: str, topics: Topics) -> tuple[float, float, float]:
    """Seconds for all partitions side by side; the most memory of the process (MiB), and what loading added (bytes)."""
    return asyncio.run(_load(bootstrap, topics))


async def _load(bootstrap: str, topics: Topics) -> tuple[float, float, float]:
    """As a worker does it: the profile stage is given its partitions."""
    config = ProfileStageConfig(topics, Policy(), embedder=None)
    stage = ProfileStage(config, partial(read_partition, bootstrap), CloudEvents(topics.app_id, lambda: 0))
    async with _FirstTopicsOutbox(bootstrap) as outbox:
        await stage.start(outbox)
        before, began = _most_kib(), time.perf_counter()
        await asyncio.gather(*(stage.assign(topics.activity, partition) for partition in range(PARTITIONS)))
        seconds = time.perf_counter() - began
        assert sum(len(partition.fold.table) for partition in stage._partitions.values()) == PROFILES
        await stage.stop()
    return seconds, _most_kib() / 1024, (_most_kib() - before) * 1024


def _most_kib() -> int:
    """The process's most memory so far; Linux counts it in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
