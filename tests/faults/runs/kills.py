"""F1 to F3: workers killed at any moment, killed in the worst moments, and restarted in order."""

from __future__ import annotations

from tests.faults.shop import SESSION_S
from tests.faults.trial import Trial

BACK_S = 20.0
"""A worker is back after about so long: its session has to end first."""

WINDOWS = ("facts", "state", "commit", "recovery", "snapshot")
"""Where `crashing_worker` kills itself."""


async def worker_killed(trial: Trial) -> None:
    """F1: kill -9 at random points of the traffic; a supervisor starts it again."""
    async with trial.shop() as shop:
        worker = await shop.workers.start()
        traffic = shop.traffic(trial.pace(BACK_S))
        for number, moment in enumerate(trial.moments(), 1):
            await shop.until_sent(moment)
            if worker.runs:
                worker.kill()
            shop.recoveries.struck()
            trial.progress(f"kill {number} of {trial.n} after {shop.supply.sent:,} events")
        await traffic
        await shop.drain()
        await shop.recoveries.over()
        await trial.check(shop)
    trial.require_recovery(SESSION_S + 10)


async def killed_in_the_window(trial: Trial) -> None:
    """F2: a hook kills the worker in each of the windows in turn."""
    async with trial.shop() as shop:
        traffic = shop.traffic(trial.pace(BACK_S))
        for number in range(trial.n):
            window = WINDOWS[number % len(WINDOWS)]
            worker = shop.workers.launch(
                supervised=False,
                module="tests.faults.crashing_worker",
                environment={"CRASH_IN": window, "CRASH_AFTER": str(trial.random.randrange(1, 12))},
            )
            code = await shop.ended(worker, within_s=90)
            trial.require(code == -9, f"the worker ended with {code} instead of being killed in window {window!r}")
            trial.progress(f"killed in window {window!r}, {number + 1} of {trial.n}")
        await shop.workers.start()
        await traffic
        await shop.drain()
        await trial.check(shop)


async def restarted(trial: Trial) -> None:
    """F3: SIGTERM under load; the worker settles, exits with 0, and another takes over."""
    async with trial.shop() as shop:
        worker = await shop.workers.start()
        traffic = shop.traffic(trial.pace(BACK_S))
        slowest = 0.0
        for moment in trial.moments():
            await shop.until_sent(moment)
            shop.recoveries.struck()
            slowest = max(slowest, await shop.workers.stop(worker))
            worker = await shop.workers.start()
        await traffic
        await shop.drain()
        await shop.recoveries.over()
        await trial.check(shop)
    trial.notes["slowest_stop_s"] = round(slowest, 2)
