"""F5, F6 and F18: the broker dies, stays away, or has no room left; so has a worker."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from liveprofile.streams.broker import Broker
from tests.faults.disk import SmallDisk, small_disk
from tests.faults.idleness import idleness_of
from tests.faults.memory import memory_of
from tests.faults.shop import Shop
from tests.faults.trial import Trial, sleep_until

DOWN_S = (5.0, 60.0)
AWAY_S = 300.0
AWAY_RATE = 200.0
"""Events a second where the broker goes away once for long."""
BACK_S = 12.0
"""A broker and its workers are back after about so long."""
RECOVERED_S = 60.0
LONGEST_IDLE_S = 60.0
MEMORY_MB = 200.0
"""How much a worker may grow while its broker is away."""
DISK_MB = 400
FULL_S = 15.0


async def broker_killed(trial: Trial) -> None:
    """F5: kill -9 and restart the broker under load; the first time it is down for the shortest time."""
    async with trial.shop(own_broker=True) as shop, idleness_of(shop) as idleness:
        await shop.workers.start()
        downs_s = [DOWN_S[0], *(trial.random.uniform(*DOWN_S) for _ in range(trial.n - 1))]
        traffic = shop.traffic(trial.pace(sum(downs_s) / trial.n + BACK_S))
        for number, (moment, down_s) in enumerate(zip(trial.moments(), downs_s, strict=True), 1):
            await shop.until_sent(moment)
            trial.progress(f"kill {number} of {trial.n} after {shop.supply.sent:,} events, {down_s:.0f} s down")
            await asyncio.to_thread(shop.broker.kill)
            await asyncio.sleep(down_s)
            await asyncio.to_thread(shop.broker.start)
            shop.recoveries.struck()
            with suppress(TimeoutError):  # traffic that waited comes all at once, and with it the next moment
                await shop.recoveries.over(RECOVERED_S)
        await traffic
        await shop.drain()
        await shop.recoveries.over()
        _require_busy(trial, idleness.longest_s)
        await trial.check(shop)
    trial.notes["worker_exits"] = shop.workers.ended


async def broker_away(trial: Trial) -> None:
    """F6: the broker is stopped in order, and started five minutes later."""
    async with trial.shop(own_broker=True) as shop, idleness_of(shop) as idleness, memory_of(shop) as memory:
        await shop.workers.start()
        traffic = shop.traffic(AWAY_RATE)
        await shop.until_sent(trial.events // 2)
        before_mb = memory.largest_mb
        await asyncio.to_thread(shop.broker.stop)
        trial.progress(f"the broker is away for {AWAY_S:.0f} s")
        await asyncio.sleep(AWAY_S)
        away_mb = memory.largest_mb
        await asyncio.to_thread(shop.broker.start)
        shop.recoveries.struck()
        await traffic
        await shop.drain()
        await shop.recoveries.over()
        _require_busy(trial, idleness.longest_s)
        await trial.check(shop)
    trial.require(away_mb < before_mb + MEMORY_MB, f"a worker grew from {before_mb:.0f} to {away_mb:.0f} MB meanwhile")
    trial.notes |= {"worker_exits": shop.workers.ended, "memory_mb": {"before": before_mb, "away": away_mb}}


async def disk_full(trial: Trial) -> None:
    """F18: the broker's disk is full, then that of a worker's files, in turn; each until room is made."""
    with small_disk(trial.folder / "broker", DISK_MB) as brokers, small_disk(trial.folder / "caches", 8) as workers:
        broker = Broker(brokers.folder)
        await asyncio.to_thread(broker.start)
        try:
            async with trial.shop(broker=broker) as shop:
                await shop.workers.start(environment={"LIVEPROFILE_DATA_DIR": str(workers.folder)})
                traffic = shop.traffic(trial.pace(FULL_S + BACK_S))
                for number, moment in enumerate(trial.moments()):
                    await shop.until_sent(moment)
                    await (_no_room_for_the_broker if number % 2 == 0 else _no_room_for_workers)(shop, brokers, workers)
                    shop.recoveries.struck()
                await traffic
                await shop.drain()
                await shop.recoveries.over()
                await trial.check(shop)
                trial.notes["worker_exits"] = shop.workers.ended
        finally:
            await asyncio.to_thread(broker.stop)


async def _no_room_for_the_broker(shop: Shop, brokers: SmallDisk, _: SmallDisk) -> None:
    """Kafka ends when it cannot write its only log folder; it is started again when there is room."""
    shop.trial.progress("the broker's disk is full")
    brokers.fill()
    with suppress(TimeoutError):
        await sleep_until(lambda: shop.broker.running() is None, within_s=FULL_S)
    told = shop.trial.notes.setdefault("broker_with_a_full_disk", [])
    told.append("stopped" if shop.broker.running() is None else "runs on")
    brokers.make_room()
    await asyncio.to_thread(shop.broker.start)


async def _no_room_for_workers(shop: Shop, _: SmallDisk, workers: SmallDisk) -> None:
    """A worker keeps nothing on disk that it cannot do without."""
    shop.trial.progress("the worker's disk is full")
    workers.fill()
    await asyncio.sleep(FULL_S)
    workers.make_room()


def _require_busy(trial: Trial, idle_s: float) -> None:
    trial.notes["longest_idle_s"] = max(round(idle_s, 1), trial.notes.get("longest_idle_s", 0.0))
    trial.require(idle_s <= LONGEST_IDLE_S, f"workers were alive and idle for {idle_s:.0f} s")
