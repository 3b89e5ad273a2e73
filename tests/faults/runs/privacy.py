"""F21: shoppers erased while workers recover, rebalance and die; they stay erased, whatever comes later."""

from __future__ import annotations

import asyncio
import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import orjson

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.state.codec import decode_rows, encode_rows
from liveprofile.profiles.state.row import erased_row
from liveprofile.streams.admin.erasure import deadlines, erase
from liveprofile.streams.clock import now_ms
from tests.faults.canaries import Canary, plant, search
from tests.faults.post import configure, post, profile_id
from tests.faults.trial import sleep_until
from tests.support.topics_now import records_of

if TYPE_CHECKING:
    from tests.faults.shop import Shop
    from tests.faults.trial import Trial

BEFORE, LATE = 30, 12
"""Events of a shopper before the erasure, and after it, as often as it is tried."""
BACK_S = 20.0
COMPACTED_S = 90.0
BYSTANDERS = 3
"""Canaries that nobody erases: without them, a worker that forgets everybody would pass."""


async def erased_under_fire(trial: Trial) -> None:
    """Each erasure meets a worker that recovers, a group that rebalances, or a kill that follows at once."""
    async with trial.shop() as shop:
        people = plant(trial.random, trial.n + BYSTANDERS)
        erased = people[: trial.n]
        await shop.workers.start()
        for person in people:
            await post(shop, [*person.events(0, BEFORE, now_ms()), *person.refused()])
        traffic = shop.traffic(trial.pace(BACK_S))
        for number, (moment, person) in enumerate(zip(trial.moments(), erased, strict=True)):
            await shop.until_sent(moment)
            await HARMS[number % len(HARMS)](trial, shop, person)
            await post(shop, person.events(BEFORE, LATE, now_ms()))
            trial.progress(f"erased {number + 1} of {trial.n}, {HARMS[number % len(HARMS)].__doc__}")
        await traffic
        for person in erased:
            await post(shop, [*person.events(0, BEFORE, now_ms()), *person.events(BEFORE + LATE, LATE, now_ms())])
        await shop.drain()
        await _forget_old_records(trial, shop, erased)
        await trial.check(shop)
        await _check(trial, shop, erased, people[trial.n :])
    trial.require(trial.notes["erased"] >= trial.n * (BEFORE + LATE), "late events of erased shoppers were not dropped")


async def while_recovering(trial: Trial, shop: Shop, person: Canary) -> None:
    """while the worker came back from a kill"""
    worker = shop.workers.alive[0]
    worker.kill()
    await sleep_until(lambda: worker.runs)
    await asyncio.sleep(trial.random.uniform(0, 4))
    await _erase(shop, person)
    await shop.workers.until_ready(worker)


async def while_rebalancing(trial: Trial, shop: Shop, person: Canary) -> None:
    """while another worker joined and left"""
    joining = shop.workers.launch(supervised=False)
    await asyncio.sleep(trial.random.uniform(2, 6))
    await asyncio.gather(_erase(shop, person), shop.workers.until_ready(joining))
    await shop.workers.stop(joining)


async def just_before_a_kill(trial: Trial, shop: Shop, person: Canary) -> None:
    """just before a kill"""
    worker = shop.workers.alive[0]
    await shop.workers.until_ready(worker)
    await _erase(shop, person)
    await asyncio.sleep(trial.random.uniform(0, 0.5))
    worker.kill()


HARMS = (while_recovering, while_rebalancing, just_before_a_kill)


def _id(person: Canary) -> bytes:
    return profile_id(person.user_id)


async def _erase(shop: Shop, person: Canary) -> None:
    await erase(shop.bootstrap, shop.topics, _id(person), Policy().dims)


async def _forget_old_records(trial: Trial, shop: Shop, erased: list[Canary]) -> None:
    """Let a day pass for compaction, with the broker's clock as it is: old records of erased profiles must go.

    A segment is closed by what is written after its time, so further traffic goes on meanwhile.
    """
    for topic in shop.topics.all():
        if topic.name in (shop.topics.state, shop.topics.profiles):
            await configure(shop, topic, segment_ms="1000", max_compaction_lag_ms="1000")
    loop = asyncio.get_running_loop()
    began = loop.time()
    trial.notes["old_records"] = await _old_records(shop, erased)
    while (left := await _old_records(shop, erased)) and loop.time() - began < COMPACTED_S:
        await shop.send(200)
        await asyncio.sleep(1)
    trial.invariants["I8"] = left
    trial.notes["compacted_s"] = round(loop.time() - began, 1)
    await shop.drain()


async def _old_records(shop: Shop, erased: list[Canary]) -> int:
    """Records of erased profiles that still stand in the logs of state and profiles, besides stubs and tombstones."""
    ids, left = {_id(person) for person in erased}, 0
    for name in (shop.topics.state, shop.topics.profiles):
        async for record in records_of(shop.bootstrap, name, shop.topics.partitions):
            left += record.key in ids and record.value is not None and not _is_stub(record.value)
    return left


def _is_stub(value: bytes) -> bool:
    """Whether a state record is, to the byte, what is left of an erased profile."""
    dims = Policy().dims
    try:
        row = decode_rows([value], dims)[0]
    except ValueError:
        return False
    bare = erased_row(int(row["version"]), int(row["applied"]), int(row["erased_ms"]), dims)
    return bool(row["erased_ms"]) and encode_rows(bare.reshape(1), dims)[0] == value


async def _check(trial: Trial, shop: Shop, erased: list[Canary], bystanders: list[Canary]) -> None:
    """I8: no canary anywhere; every erased profile is a stub, has no snapshot, and its last word is its erasure.

    Topics that are said to hold nothing about a shopper hold no profile id.
    """
    found = await search(shop, [*erased, *bystanders])
    for place, count in found.items():
        trial.progress(f"problem: canaries in {count} records of {place}")
    states = await _latest(shop, shop.topics.state)
    snapshots = await _latest(shop, shop.topics.profiles)
    published = await _said(shop)
    wrong: Counter[str] = Counter(await _named(shop, erased))
    for person in erased:
        key = _id(person)
        wrong["not a stub"] += not _is_stub(states.get(key) or b"")
        wrong["has a snapshot"] += snapshots.get(key) is not None
        wrong["erased not once and last"] += published[key][-1:] != ["erasure"] or published[key].count("erasure") != 1
    for person in bystanders:
        wrong["a bystander was forgotten"] += snapshots.get(_id(person)) is None
    trial.notes["canaries_found"], trial.notes["erasures_wrong"] = found.total(), dict(+wrong)
    trial.invariants["I8"] += found.total() + wrong.total()


async def _named(shop: Shop, erased: list[Canary]) -> Counter[str]:
    """Records with the id of an erased profile, by topic, where none may ever be."""
    pattern = re.compile(b"|".join(_id(person) for person in erased))
    wanted = {topic.name: topic.config for topic in shop.topics.all()}
    may = {deadline.topic for deadline in deadlines(shop.topics, wanted)} - {shop.topics.item_events}
    found: Counter[str] = Counter()
    for topic in shop.topics.all():
        if topic.name not in may:
            async for record in records_of(shop.bootstrap, topic.name, topic.partitions):
                found[topic.name] += any(pattern.search(part or b"") for part in (record.key, record.value))
    return found


async def _latest(shop: Shop, topic: str) -> dict[bytes, bytes | None]:
    return {record.key: record.value async for record in records_of(shop.bootstrap, topic, shop.topics.partitions)}


async def _said(shop: Shop) -> dict[bytes, list[str]]:
    """The origins of each profile's changes, by version: a repeat stands once."""
    changes: dict[bytes, dict[int, str]] = defaultdict(dict)
    async for record in records_of(shop.bootstrap, shop.topics.profile_changes, shop.topics.partitions):
        change = orjson.loads(record.value)
        changes[record.key][change["version"]] = change["origin"]
    return defaultdict(list, {key: [by[at] for at in sorted(by)] for key, by in changes.items()})
