"""Profiles written at a checkpoint, a second, against a plain producer sending one by one."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from aiokafka import AIOKafkaProducer

from benchmarks import cold_profiles
from benchmarks.shop import Shop, open_shop
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.state.codec import encode_rows
from liveprofile.profiles.state.row import blank_rows
from liveprofile.streams.runtime.outbox import KafkaOutbox
from liveprofile.streams.transport.record import Item

PROFILES, CHUNK, SINGLE = 200_000, 20_000, 20_000

Progress = Callable[[str], None]


def run(progress: Progress) -> dict[str, Any]:
    """Rates for rows of random content, on the state topic of a broker on this machine."""
    with open_shop(partitions=1) as shop:
        figures = asyncio.run(_measure(shop, progress))
    return figures | cold_profiles.measure(progress)


async def _measure(shop: Shop, progress: Progress) -> dict[str, Any]:
    policy = Policy()
    rows = blank_rows(CHUNK, policy.dims)
    rows["interest"] = np.random.default_rng(1).integers(-9000, 9000, rows["interest"].shape)
    values = encode_rows(rows, policy.dims)
    single = await _one_by_one(shop, values)
    progress(f"one by one: {single:,.0f} profiles/s")
    written = await _checkpoints(shop, values)
    progress(f"as a checkpoint: {written:,.0f} profiles/s")
    return {
        "written_per_s": round(written),
        "one_by_one_per_s": round(single),
        "written_to_one_by_one": round(written / single, 1),
        "bytes_per_profile": len(values[0]),
        "profiles": PROFILES,
    }


async def _one_by_one(shop: Shop, values: list[bytes]) -> float:
    """`send` per profile, all awaited at the end: how changelogs are usually written."""
    producer = AIOKafkaProducer(bootstrap_servers=shop.bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        began = time.perf_counter()
        topic = shop.topics.profiles
        sent = [await producer.send(topic, values[at % CHUNK], key=b"%032x" % at) for at in range(SINGLE)]
        await asyncio.gather(*sent)
        return SINGLE / (time.perf_counter() - began)
    finally:
        await producer.stop()


async def _checkpoints(shop: Shop, values: list[bytes]) -> float:
    async with KafkaOutbox(shop.bootstrap) as outbox:
        began = time.perf_counter()
        for start in range(0, PROFILES, CHUNK):
            items: list[Item] = [(b"%032x" % (start + at), value, ()) for at, value in enumerate(values)]
            await outbox.send(shop.topics.state, 0, items)
        return PROFILES / (time.perf_counter() - began)
