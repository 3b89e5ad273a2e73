"""F17: the broker refuses to write state, in every way we know; nothing may be committed past what it refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from aiokafka.errors import KafkaError

from liveprofile.streams.broker import Broker
from liveprofile.streams.broker.cluster import Cluster
from liveprofile.streams.runtime.partition_state import StateReadError
from tests.faults.idleness import idleness_of
from tests.faults.refusal import AUTHORIZER, committed_past_state, configured, state_records, write_withdrawn
from tests.faults.shop import Shop
from tests.faults.trial import Trial, sleep_until

BACK_S = 6.0
"""A worker is back after about so long."""
REFUSED_S = 5.0
TAKES_HOLD_S = 2.0
"""Until what was asked for is so on every node."""
LOOK_S = 15.0
LONGEST_IDLE_S = 60.0

Way = Callable[[Shop], AbstractAsyncContextManager[None]]
"""While it is open, no state is written."""


async def writes_refused(trial: Trial) -> None:
    """F17: no right to write, records too large; with `n` over 2 also too few replicas, and a lost majority.

    Each time a worker is killed while writes are refused, so that whatever was committed too early would be missing.
    """
    broker = Broker(trial.folder / "broker", properties=AUTHORIZER)
    await asyncio.to_thread(broker.start)
    try:
        async with trial.shop(broker=broker) as shop:
            await _refuse(trial, shop, [(write_withdrawn, too_large)[number % 2] for number in range(trial.n)])
    finally:
        await asyncio.to_thread(broker.stop)
    if trial.n > 2:
        await _on_a_cluster(trial)


async def _on_a_cluster(trial: Trial) -> None:
    cluster = Cluster(trial.folder / "cluster")
    await asyncio.to_thread(cluster.start)
    try:
        async with trial.shop(broker=cluster, replication=3) as shop:
            await _refuse(trial, shop, [under_replicated, majority_lost] * 2)
    finally:
        await asyncio.to_thread(cluster.stop)


@asynccontextmanager
async def too_large(shop: Shop) -> AsyncIterator[None]:
    """The state topic takes no record of ours, but the markers of claims (78 bytes): Kafka stumbles without them."""
    async with configured(shop, "max.message.bytes", "80"):
        yield


@asynccontextmanager
async def under_replicated(shop: Shop) -> AsyncIterator[None]:
    """All three replicas have to be in sync, and one node is down. A single broker caps what is asked for at one."""
    async with configured(shop, "min.insync.replicas", "3"):
        await asyncio.to_thread(shop.broker.nodes[2].kill)
        try:
            yield
        finally:
            await asyncio.to_thread(shop.broker.start)


@asynccontextmanager
async def majority_lost(shop: Shop) -> AsyncIterator[None]:
    """Two of three nodes are down: no leader is elected, nothing is confirmed."""
    for node in shop.broker.nodes[1:]:
        await asyncio.to_thread(node.kill)
    try:
        yield
    finally:
        await asyncio.to_thread(shop.broker.start)


async def _refuse(trial: Trial, shop: Shop, ways: Sequence[Way]) -> None:
    """Have writes refused in these ways, one after the other, under load."""
    worker = await shop.workers.start()
    async with idleness_of(shop) as idleness:
        traffic = shop.traffic(trial.pace(REFUSED_S + BACK_S))
        for number, (way, moment) in enumerate(zip(ways, trial.moments(len(ways)), strict=True), 1):
            await shop.until_sent(moment)
            await sleep_until(lambda: worker.ready)
            trial.progress(f"{number} of {len(ways)}: {way.__name__}")
            async with way(shop):
                await _look_while_refused(trial, shop)
                if worker.runs:
                    worker.kill()
            shop.recoveries.struck()
        await traffic
        await shop.drain()
        await shop.recoveries.over()
    idle_s = idleness.longest_s
    trial.require(idle_s <= LONGEST_IDLE_S, f"workers were alive and idle for {idle_s:.0f} s")
    await trial.check(shop)
    trial.notes["longest_idle_s"] = max(round(idle_s, 1), trial.notes.get("longest_idle_s", 0.0))
    trial.notes["worker_exits"] = trial.notes.get("worker_exits", []) + shop.workers.ended


async def _look_while_refused(trial: Trial, shop: Shop) -> None:
    """No state is written, and nothing is committed past it.

    A cluster without its majority tells nothing, and takes no commits either: the oracle's look afterwards has to do.
    """
    await asyncio.sleep(TAKES_HOLD_S)
    try:
        async with asyncio.timeout(LOOK_S):
            before = await state_records(shop)
            await asyncio.sleep(REFUSED_S - TAKES_HOLD_S)
            past = await committed_past_state(shop)
            written = await state_records(shop) - before
    except (KafkaError, StateReadError, TimeoutError):
        return
    trial.notes["looks"] = trial.notes.get("looks", 0) + 1
    trial.require(written == 0, f"{written} state records were written while all were to be refused")
    trial.require(past == 0, f"{past} offsets were committed past an undelivered state write")
