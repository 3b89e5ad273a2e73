"""F10: the model stands still for 20 s, then ten times the input comes; nobody is expelled and the lag drains."""

from __future__ import annotations

import psutil

from tests.faults.memory import memory_of
from tests.faults.trial import Trial, sleep_until

STALL_S = 20.0
RATE = 200.0
"""Events a second before the burst; ten times as many in it."""
GROWTH_MB = 300.0
"""What stalls and bursts may add to a worker's memory: its queues are bounded."""
EXPELLED = "worker not ready"
"""What a worker logs when its group shares out again."""


async def slow_model_and_burst(trial: Trial) -> None:
    """F10: `n` stalls in the first half of the events at a steady rate; the second half ten times as fast."""
    async with trial.shop(users=20_000) as shop:
        stall = shop.folder / "stall"
        environment = {"STALL_FILE": str(stall), "STALL_S": str(STALL_S)}
        worker = await shop.workers.start(module="tests.faults.stalling_worker", environment=environment)
        pid, half = worker.pid, trial.events // 2
        traffic = shop.traffic(RATE, half)
        await shop.until_sent(half // 4)
        before = psutil.Process(pid).memory_info().rss / 1e6
        async with memory_of(shop) as memory:
            for number in range(trial.n):
                stall.touch()
                shop.recoveries.struck()
                await sleep_until(lambda: not stall.exists(), within_s=60)
                trial.progress(f"stall {number + 1} of {trial.n}")
                await shop.recoveries.over()
            await traffic
            trial.progress("ten times the input")
            shop.recoveries.struck()
            await shop.traffic(10 * RATE, trial.events - half)
            await shop.drain()
            await shop.recoveries.over()
        text = worker.child.log.read_text(encoding="utf-8", errors="replace")
        trial.require(worker.pid == pid and worker.runs, "the worker ended")
        trial.require(EXPELLED not in text, "the worker was expelled from its group, or the group shared out again")
        trial.require(memory.largest_mb - before < GROWTH_MB, f"memory grew by over {GROWTH_MB:.0f} MB")
        trial.notes |= {"memory_mb": round(before), "largest_memory_mb": round(memory.largest_mb)}
        await trial.check(shop)
