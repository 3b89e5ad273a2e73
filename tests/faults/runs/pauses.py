"""F9: a worker stands still while another takes its partitions over, and wakes in the belief that they are its own."""

from __future__ import annotations

import asyncio

from tests.faults.shop import Shop
from tests.faults.trial import Trial
from tests.faults.workers import Worker

PAUSES_S = (10.0, 30.0, 90.0)
"""All longer than the session: at its end the partitions go to the other worker."""
BACK_S = 15.0
END_S = 30.0
"""A worker that wakes as a stranger must have ended by then."""


async def paused(trial: Trial) -> None:
    """F9: SIGSTOP and SIGCONT of one of two workers; every other one has no fence, so that only the broker refuses it.

    Pauses strike under load, with batches under way. `stale_writes` in the notes is counted from the state topic.
    """
    async with trial.shop() as shop:
        await shop.workers.start()
        traffic = shop.traffic(trial.pace(BACK_S + sum(PAUSES_S) / len(PAUSES_S)))
        for number in range(trial.n):
            blind = number % 2 == 1
            victim = await shop.workers.start(module="tests.faults.blind_worker" if blind else "liveprofile")
            await asyncio.sleep(trial.random.uniform(0.5, 3.0))
            await _pause(trial, shop, victim, PAUSES_S[number % len(PAUSES_S)], blind)
        await traffic
        await shop.drain()
        await shop.recoveries.over()
        await trial.check(shop)


async def _pause(trial: Trial, shop: Shop, victim: Worker, pause_s: float, blind: bool) -> None:
    """Stop a worker, wake it after the pause, and see it end with an error; nobody starts it again."""
    trial.progress(f"{victim.name} stands still for {pause_s:.0f} s{' and will not notice' if blind else ''}")
    victim.supervised = False
    victim.pause()
    shop.recoveries.struck()
    await asyncio.sleep(pause_s)
    victim.resume()
    code = await shop.ended(victim, within_s=END_S)
    trial.require(code == 1, f"the worker ended with {code} after it stood still for {pause_s:.0f} s")
