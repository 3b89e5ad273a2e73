"""F23 and F24: records of old and new producers side by side; workers of an old and a new version side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import orjson

from liveprofile.streams.clock import now_ms
from liveprofile.streams.producers.sender import Sender
from liveprofile.streams.simulator.events import SimEvent
from liveprofile.streams.simulator.simulator import Simulator
from tests.faults.shop import USERS, Shop
from tests.faults.trial import Trial
from tests.faults.workers import Worker

Record = dict[str, Any]
TICK_S = 0.05
REFUSED_S = 60.0


async def mixed_records(trial: Trial) -> None:
    """F23: producers change their version `n` times under load: old, new, then all at once; none is refused."""
    async with trial.shop() as shop:
        await shop.workers.start()
        events = Simulator(trial.seed, USERS, broken_share=0.0).events()
        share, generations = trial.events // trial.n, tuple(GENERATIONS.items())
        for number in range(trial.n):
            turn = number % (len(generations) + 1)
            chosen = generations[turn : turn + 1] or generations
            trial.progress(f"producers: {' and '.join(name for name, _ in chosen)}")
            await _send(shop, islice(events, share), [write for _, write in chosen])
        await shop.drain()
        await trial.check(shop)
    refused = trial.notes["dead_letters"]
    trial.require(not refused, f"{refused} valid records went to dead-letters")


async def rolling_upgrade(trial: Trial) -> None:
    """F24: `n` times a worker is replaced under load: by a newer version, and later by the old one again.

    The newer version writes fields that the old one does not know. A worker that does not know the layout of profiles
    must leave its partitions to the others, and say so (docs/adr/0020).
    """
    async with trial.shop() as shop:
        workers = [await shop.workers.start() for _ in range(2)]
        traffic = shop.traffic(trial.pace(8.0))
        for number, moment in enumerate(trial.moments()):
            await shop.until_sent(moment)
            newer = number % 4 < len(workers)
            shop.recoveries.struck()
            workers[number % 2] = await _replace(shop, workers[number % 2], newer)
            trial.progress(f"worker {number % 2} is now of the {'newer' if newer else 'old'} version")
        await _refuse_layout(shop)
        await traffic
        await shop.drain()
        await shop.recoveries.over()
        trial.require(not shop.workers.ended, f"workers ended by themselves: {shop.workers.ended}")
        await trial.check(shop)


async def _replace(shop: Shop, worker: Worker, newer: bool) -> Worker:
    """Stop a worker in order, and start one of the other version."""
    await shop.workers.stop(worker)
    if newer:
        return await shop.workers.start(module="tests.faults.newer_worker", environment={"NEWER": "fields"})
    return await shop.workers.start()


async def _refuse_layout(shop: Shop) -> None:
    """A worker that does not know the row's layout joins: it must end, and say what to do, before it has written."""
    stranger = shop.workers.launch(supervised=False, module="tests.faults.newer_worker", environment={"NEWER": "less"})
    code = await shop.ended(stranger, REFUSED_S)
    explained = "was written by a newer program" in stranger.child.log.read_text()
    shop.trial.require(
        code == 3 and explained, f"a worker that does not know the layout ended with {code}; said why: {explained}"
    )


async def _send(shop: Shop, events: Iterator[SimEvent], write: list[Callable[[Record], Record]]) -> None:
    """Send events as now, at the pace of the supply, by producers of the given generations in turn."""
    async with Sender(shop.bootstrap, shop.topics.inputs) as sender:
        while batch := list(islice(events, 40)):
            for number, event in enumerate(batch):
                record = write[number % len(write)](event.record(now_ms()))
                sender.add(shop.topics.prefix + event.topic, event.key, orjson.dumps(record), now_ms(), replayed=True)
            await sender.send(idle=True)
            await asyncio.sleep(TICK_S)


def _old(record: Record) -> Record:
    """What the first producers wrote: no ids of events and sessions, times in seconds, only what is needed."""
    wanted = ("user_id", "anonymous_id", "action", "item_id", "title", "category", "query", "items", "total", "kind")
    wanted += ("stars", "text", "about", "name", "verdict", "value", "attributes")
    return {name: record[name] for name in wanted if name in record} | {"ts": record["ts"] // 1000}


def _new(record: Record) -> Record:
    """What producers may write one day: further fields, nested and of any type, also within items."""
    further = {"schema_version": 9, "experiments": ["a", {"b": [None, 1.5]}], "position": 3, "": {}, "ünïcode": "🛒"}
    items = [item | {"warranty": {"years": 2}} for item in record.get("items") or []]
    return further | record | ({"items": items} if items else {})


GENERATIONS: dict[str, Callable[[Record], Record]] = {"old": _old, "today's": dict, "new": _new}
