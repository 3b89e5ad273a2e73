"""F4: workers that come and go all the time: the group rebalances again before it has come to rest."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Iterator
from itertools import cycle

from tests.faults import group
from tests.faults.group import Group
from tests.faults.shop import Shop
from tests.faults.trial import Trial, sleep_until

SIZES = (4, 1, 3, 2)
"""How many workers there are to be, one joining or leaving at a time; two to begin with."""
BETWEEN_S = (5.0, 15.0)
MEAN_S = sum(BETWEEN_S) / 2
KILLED = 0.25
"""Share of those who leave without a word."""
OWNED_S = 60.0
"""After the last change all partitions must be owned by then."""


async def storm(trial: Trial) -> None:
    """F4: `n` changes, one every 5 to 15 s; 60 of them are ten minutes."""
    rebalances: list[float] = []
    async with trial.shop() as shop:
        for _ in range(2):
            await shop.workers.start()
        traffic = shop.traffic(trial.pace(MEAN_S))
        follower = asyncio.create_task(_follow(shop, rebalances))
        wanted = steps(2)
        for number in range(trial.n):
            await asyncio.sleep(trial.random.uniform(*BETWEEN_S))
            await _change(trial, shop, next(wanted))
            trial.progress(f"change {number + 1} of {trial.n}: {len(shop.workers.alive)} workers")
        owned_s = await group.until(shop.bootstrap, shop.topics.group, lambda seen: _all_owned(shop, seen), OWNED_S)
        trial.require(owned_s is not None, f"not all partitions are owned {OWNED_S:.0f} s after the last change")
        await traffic
        await shop.drain()
        follower.cancel()
        await trial.check(shop)
    trial.notes |= {"owned_s": round(owned_s or OWNED_S, 1), "rebalances": len(rebalances)}
    if rebalances:
        trial.notes["rebalance_s"] = {
            "median": round(statistics.median(rebalances), 1),
            "max": round(max(rebalances), 1),
        }


def steps(size: int) -> Iterator[int]:
    """How many workers there are after each change: 3, 4, 3, 2, 1, 2, 3, 2, and again."""
    for target in cycle(SIZES):
        while size != target:
            size += 1 if target > size else -1
            yield size


async def _change(trial: Trial, shop: Shop, size: int) -> None:
    """Have a worker join, or one that is up leave: in order, or killed."""
    if size > len(shop.workers.alive):
        shop.workers.launch()
        return
    await sleep_until(lambda: any(worker.ready for worker in shop.workers.alive))
    leaving = trial.random.choice([worker for worker in shop.workers.alive if worker.ready])
    if trial.random.random() < KILLED:
        shop.workers.remove(leaving)
    else:
        await shop.workers.stop(leaving)


def _all_owned(shop: Shop, seen: Group) -> bool:
    """Every partition that some stage consumes has one owner, and no worker is outside of the group."""
    topics = shop.topics
    read = (*topics.inputs, topics.activity, topics.item_events)
    consumed = [(name, number) for name in read for number in range(topics.partitions)]
    return seen.stable and seen.owned == tuple(sorted([*consumed, (topics.examples, 0)]))


async def _follow(shop: Shop, seconds: list[float]) -> None:
    """Note how long the group was not at rest, each time."""
    loop = asyncio.get_running_loop()
    while True:
        if await group.until(shop.bootstrap, shop.topics.group, lambda seen: not seen.stable, 5.0) is None:
            continue
        began = loop.time()
        if await group.until(shop.bootstrap, shop.topics.group, lambda seen: seen.stable, 300.0) is not None:
            seconds.append(loop.time() - began)
