"""A backlog through an application, with and without a kill -9 in its middle, and what its state then lacks."""

import asyncio
import subprocess
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson

from benchmarks.arrivals import Watcher
from benchmarks.latency import end
from benchmarks.peer_apps.engine import Ingest, Keeper
from benchmarks.peer_kinds import STOP_S, Peer, States
from benchmarks.sentinels import COUNT, add_sentinels, until_seen
from benchmarks.shop import Shop
from liveprofile.profiles.state.codec import decode_rows
from liveprofile.streams.clock import now_ms
from liveprofile.streams.producers.sender import Sender
from liveprofile.streams.runtime.partition_state import read_partition

QUIET_S = 5.0
PATIENCE_S = 600.0
GRACE_S = 1.0
"""Facts that the killed process had sent are read within this time."""
KILL_AT = 0.4
"""The share of the backlog after which the process is killed."""

Started = tuple["subprocess.Popen[bytes]", Watcher, Callable[[], None]]


async def send_backlog(shop: Shop, count: int) -> list[bytes]:
    """Write simulated events and the sentinels; returns all event ids in the order of sending, the sentinels last."""
    ids = await shop.send(count)
    async with Sender(shop.bootstrap, shop.topics.inputs) as sender:
        return ids + add_sentinels(sender, shop.clicks, "backlog")


@asynccontextmanager
async def started(shop: Shop, peer: Peer) -> AsyncIterator[Started]:
    """A peer's process, a watcher of its facts and a check that the process lives; it is ended with the block."""
    async with Watcher(shop.bootstrap, peer.facts(shop), from_start=True) as watcher:
        process = peer.start(shop)
        try:
            yield process, watcher, peer.check(process, shop)
        finally:
            await asyncio.to_thread(end, process, STOP_S)


async def through_backlog(shop: Shop, peer: Peer, ids: Sequence[bytes]) -> int:
    """Events/s from the first fact of a backlog to the last. TimeoutError if the end is not reached."""
    await peer.prepare(shop)
    async with started(shop, peer) as (_, watcher, alive):
        await _until_end(watcher, ids, alive)
        return round(len(ids) / (watcher.changes[-1][1] - watcher.changes[0][1]))


async def through_kill(shop: Shop, peer: Peer, ids: Sequence[bytes]) -> dict[str, Any]:
    """Kill the process in the backlog, start it again, let it end its work, and count."""
    await peer.prepare(shop)
    number = {one: at for at, one in enumerate(ids)}
    async with Watcher(shop.bootstrap, peer.facts(shop), from_start=True) as watcher:
        first = peer.start(shop)
        try:
            far = KILL_AT * len(ids)
            await watcher.until(lambda new: any(number[cause] >= far for cause, _ in new), peer.check(first, shop))
        finally:
            first.kill()
            first.wait()
        killed_at, known = time.time(), len(watcher.changes)
        second = peer.start(shop)
        try:
            alive = peer.check(second, shop)
            await watcher.until(lambda new: any(at > killed_at + GRACE_S for _, at in new), alive)
            back_s = next(at for _, at in watcher.changes[known:] if at > killed_at + GRACE_S) - killed_at
            await _until_end(watcher, ids, alive)
            await asyncio.sleep(peer.settle_s)
        finally:
            await asyncio.to_thread(end, second, STOP_S)
    kept, versions = counts(await peer.states(shop), shop.settings.profile.policy.dims)
    lost, doubled = lost_and_doubled(await _expected(shop), kept)
    facts = await _published(shop, peer.facts(shop))
    return {
        "lost": lost,
        "doubled": doubled,
        **facts_counted(versions, facts),
        "activities": sum(kept.values()),
        "back_after_s": round(back_s, 1),
    }


def lost_and_doubled(expected: Mapping[bytes, int], kept: Mapping[bytes, int]) -> tuple[int, int]:
    """Activities that the state lacks, and those that it has too often, over all profiles.

    >>> lost_and_doubled({b"a": 3, b"b": 2}, {b"a": 2, b"b": 4, b"c": 1})
    (1, 3)
    """
    both = [(expected.get(one, 0), kept.get(one, 0)) for one in expected.keys() | kept.keys()]
    return sum(max(0, wanted - found) for wanted, found in both), sum(max(0, found - wanted) for wanted, found in both)


def facts_counted(versions: Mapping[bytes, int], facts: Iterable[tuple[bytes, int, bytes]]) -> dict[str, int]:
    """Versions that the state has and no fact says, facts said again, and those said again with other content.

    `facts` are profile, version and content, in any order.

    >>> facts_counted({b"a": 3}, [(b"a", 1, b"new"), (b"a", 2, b"x"), (b"a", 2, b"x"), (b"a", 2, b"y")])
    {'facts_lost': 1, 'facts_repeated': 2, 'facts_altered': 1}
    """
    first: dict[tuple[bytes, int], bytes] = {}
    repeated = altered = 0
    for profile, version, content in facts:
        if (profile, version) in first:
            repeated += 1
            altered += first[profile, version] != content
        else:
            first[profile, version] = content
    said = Counter(profile for profile, _ in first)
    lost = sum(max(0, version - said[profile]) for profile, version in versions.items())
    return {"facts_lost": lost, "facts_repeated": repeated, "facts_altered": altered}


def counts(states: States, dims: int) -> tuple[dict[bytes, int], dict[bytes, int]]:
    """Activities applied, and the last published version, by profile."""
    rows = decode_rows(list(states.values()), dims)
    return (
        dict(zip(states, rows["events"].tolist(), strict=True)),
        dict(zip(states, rows["version"].tolist(), strict=True)),
    )


async def _until_end(watcher: Watcher, ids: Sequence[bytes], alive: Callable[[], None]) -> None:
    await until_seen(watcher, ids[-COUNT:], QUIET_S, PATIENCE_S, alive)


async def _expected(shop: Shop) -> dict[bytes, int]:
    """Activities of each profile by the engine in memory, over the input as it stands in Kafka."""
    ingest, keeper, at = Ingest(shop), Keeper(shop, 0), 0
    for topic in shop.topics.inputs:
        for partition in range(shop.topics.partitions):
            async for records in read_partition(shop.bootstrap, topic, partition):
                for _, value, offset in records:
                    some = ingest.activities(topic, partition, offset, value or b"", now_ms())
                    keeper.apply([key for key, _ in some], [one for _, one in some], range(at, at + len(some)))
                    at += len(some)
    return counts(keeper.states(), shop.settings.profile.policy.dims)[0]


async def _published(shop: Shop, topics: Sequence[str]) -> list[tuple[bytes, int, bytes]]:
    """Profile, version and content of every change on the topics."""
    found = []
    for topic in topics:
        for partition in range(shop.topics.partitions):
            async for records in read_partition(shop.bootstrap, topic, partition):
                for key, value, _ in records:
                    fact = orjson.loads(value or b"{}")
                    if key and "changes" in fact:
                        found.append((key, fact["version"], value or b""))
    return found
