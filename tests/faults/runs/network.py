"""F7 and F8: a worker cut off from the broker while another takes over; a slow network that resets connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from liveprofile.streams.broker import Broker, ports
from tests.faults.delays import delays_of
from tests.faults.idleness import idleness_of
from tests.faults.proxy import Proxy
from tests.faults.shop import SESSION_S, Shop
from tests.faults.trial import Trial, sleep_until

BACK_S = 12.0
SLOW_S = (0.05, 0.5)
LONGEST_IDLE_S = 60.0


async def partitioned(trial: Trial) -> None:
    """F7: one worker of two is cut off for longer than its session, hears nothing, and is let in again."""
    async with _shop_behind(trial) as (shop, proxy), idleness_of(shop) as idleness:
        cut_off = shop.workers.launch(environment={"LIVEPROFILE_BOOTSTRAP": proxy.bootstrap})
        await shop.workers.start()
        await shop.workers.until_ready(cut_off)
        traffic = shop.traffic(trial.pace(2.5 * SESSION_S + BACK_S))
        for number, moment in enumerate(trial.moments(), 1):
            await shop.until_sent(moment)
            away_s = trial.random.uniform(SESSION_S + 2, 4 * SESSION_S)
            trial.progress(f"partition {number} of {trial.n} after {shop.supply.sent:,} events, {away_s:.0f} s")
            proxy.cut()
            shop.recoveries.struck()
            await asyncio.sleep(away_s)
            proxy.heal()
            await sleep_until(lambda: len(cut_off.exits) >= number and cut_off.ready, within_s=120)  # noqa: B023
        await traffic
        await shop.drain()
        await shop.recoveries.over()
        trial.notes["input_to_change_s"] = await delays_of(shop)
        await trial.check(shop)
    _note(trial, shop, idleness.longest_s)


async def slow_and_reset(trial: Trial) -> None:
    """F8: every piece takes 50 to 500 ms each way, and all connections are reset `n` times."""
    async with _shop_behind(trial) as (shop, proxy), idleness_of(shop) as idleness:
        await shop.workers.start(environment={"LIVEPROFILE_BOOTSTRAP": proxy.bootstrap})
        proxy.delay(*SLOW_S)
        traffic = shop.traffic(trial.pace(BACK_S))
        for number, moment in enumerate(trial.moments(), 1):
            await shop.until_sent(moment)
            trial.progress(f"reset {number} of {trial.n} after {shop.supply.sent:,} events")
            proxy.reset()
        await traffic
        await shop.drain()
        proxy.heal()
        trial.notes["input_to_change_s"] = await delays_of(shop)
        await trial.check(shop)
    _note(trial, shop, idleness.longest_s)


def _note(trial: Trial, shop: Shop, idle_s: float) -> None:
    trial.require(idle_s <= LONGEST_IDLE_S, f"workers were alive and idle for {idle_s:.0f} s")
    trial.notes |= {"longest_idle_s": round(idle_s, 1), "worker_exits": shop.workers.ended}


@asynccontextmanager
async def _shop_behind(trial: Trial) -> AsyncIterator[tuple[Shop, Proxy]]:
    """A shop whose broker has a second door, behind a proxy; the harness itself uses the first."""
    door = ports.free_port()
    with Proxy(door, trial.seed) as proxy:
        broker = Broker(trial.folder / "broker", proxied={door: proxy.port})
        await asyncio.to_thread(broker.start)
        try:
            async with trial.shop(broker=broker) as shop:
                yield shop, proxy
        finally:
            await asyncio.to_thread(broker.stop)
