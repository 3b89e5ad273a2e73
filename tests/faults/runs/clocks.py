"""F15: clocks that are wrong. Producers two hours off either way, and a worker whose clock is set while it runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
from aiokafka import AIOKafkaConsumer, TopicPartition

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.records.activity import Flag, Kind, decode_heads
from tests.faults.shop import Shop
from tests.faults.trial import Trial

OFF_S = 7_200.0
SKEWED = Path(__file__).resolve().parents[1] / "skewed_clock"
CLOSE_MS = 30_000
"""Broker and harness share one clock: times that follow the broker's are this near, and a wrong clock's are not."""
SKEW_MS = 300_000
"""`ingest.clock_skew_s`, its default."""


async def skewed(trial: Trial) -> None:
    """The worker's clock is set to two hours ahead, behind, a day ahead, and right; producers are off, too."""
    async with trial.shop() as shop:
        clock = shop.folder / "clock"
        clock.write_text("0")
        worker = await shop.workers.start(environment={"PYTHONPATH": str(SKEWED), "SKEWED_CLOCK": str(clock)})
        for number in range(trial.n):
            off_s = (OFF_S, -OFF_S, 12 * OFF_S, 0.0)[number % 4]
            await asyncio.to_thread(clock.write_text, str(off_s))
            shop.supply.clock_off_s = (-OFF_S, OFF_S)[number % 2]
            await shop.send(trial.events // trial.n, trial.events / (15 * trial.n))
            if number % 2:  # also one that starts with a wrong clock
                worker.kill()
            trial.progress(f"the worker's clock is {off_s:+.0f} s off, the producers' {shop.supply.clock_off_s:+.0f} s")
        await shop.drain()
        trial.require(len(worker.exits) == trial.n // 2, f"the worker ended by itself: {worker.exits}")
        await _check_times(trial, shop)
        await trial.check(shop)


async def _check_times(trial: Trial, shop: Shop) -> None:
    """Whatever is in `activity` follows the broker's clock: ticks, and the times of events that lay ahead."""
    ticks = wrong_ticks = clamped = ahead = 0
    for partition in range(shop.topics.partitions):
        heads, stamps = await _activities(shop, partition)
        ticking = (heads["kind"] == Kind.TICK) & (heads["event_time_ms"] > 0)
        event = heads["kind"] == Kind.EVENT
        late_ms = stamps - heads["event_time_ms"]
        ticks += int(ticking.sum())
        wrong_ticks += int((np.abs(late_ms[ticking]) > CLOSE_MS).sum())
        clamped += int(((heads["flags"] & Flag.CLOCK_CLAMPED) > 0).sum())
        ahead += int((late_ms[event] < -SKEW_MS).sum())
    trial.require(ticks > 0, "no tick was written")
    trial.require(wrong_ticks == 0, f"{wrong_ticks} of {ticks} ticks have not the broker's time")
    trial.require(clamped > 0, "no event of the producers that are ahead was clamped")
    trial.require(ahead == 0, f"{ahead} events lie further in the future than the skew allows")
    trial.notes |= {"ticks": ticks, "clamped": clamped}


async def _activities(shop: Shop, partition: int) -> tuple[np.ndarray, np.ndarray]:
    """Heads of a partition's activities, and the broker's times of their records."""
    place = TopicPartition(shop.topics.activity, partition)
    consumer = AIOKafkaConsumer(bootstrap_servers=shop.bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([place])
        end = (await consumer.end_offsets([place]))[place]
        records = []
        while await consumer.position(place) < end:
            for found in (await consumer.getmany(place, timeout_ms=500)).values():
                records += found
    finally:
        await consumer.stop()
    heads = decode_heads([record.value for record in records], Policy().dims)
    return heads, np.array([record.timestamp for record in records], np.int64)
