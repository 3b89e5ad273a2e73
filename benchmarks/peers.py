"""The same engine under other stream processors, beside our worker: speed, cost, latency, and what a kill -9 costs.

Each application is a process of its own, on brokers of its own, with the same simulated events, partitions and policy:

- `events_per_s`: from the first fact of a backlog to the last.
- `cores_at_200`, `cores_at_1000`, `p99_ms_at_200`: see `benchmarks.load`, in a process that has seen no backlog;
  `keeps_up_at_1000` is false where the end was not reached within a minute after the last event: the cores are then
  those of an overloaded process, and the latencies lack what came later.
- `lost`, `doubled`: activities that the state on disk or on Kafka lacks, or has twice, after one kill -9 in the middle
  of a backlog and a start by hand, against the engine over the same input in memory. `facts_lost` counts versions of
  profiles that were never published, `facts_repeated` those that were again, `facts_altered` with other content.

The docstrings of `benchmarks.peer_apps` tell where the peers differ. Our worker runs all stages: beyond what the peers
do, it writes snapshots, learns from all shoppers, keeps items and fires timers. The peers' environment is `make
bench-peers`.
"""

import asyncio
import platform
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import distributions
from itertools import chain
from typing import Any

from benchmarks.backlog import PATIENCE_S, QUIET_S, send_backlog, started, through_backlog, through_kill
from benchmarks.load import Course, Progress, events_for, measure
from benchmarks.peer_kinds import PEERS, ROOT, Peer
from benchmarks.sentinels import until_seen
from benchmarks.shop import Shop, open_shop
from benchmarks.warm import warm, warm_with
from liveprofile.streams.simulator.events import SimEvent

EVENTS, SLOW_EVENTS, KILL_EVENTS = 50_000, 4_000, 50_000
QUICK_EVENTS, QUICK_SLOW_EVENTS, QUICK_KILL_EVENTS = 6_000, 1_500, 6_000
WARM_S, SECONDS, QUICK_SECONDS = 8.0, 30.0, 8.0
RATES = (200, 1_000)


def run(progress: Progress, quick: bool = False, only: Sequence[str] = ()) -> dict[str, Any]:
    """The figures of each application by name; `only` names some, `quick` measures fewer events for a shorter time."""
    figures: dict[str, Any] = {}
    if unknown := set(only) - set(PEERS):
        raise SystemExit(f"There is no peer {', '.join(sorted(unknown))}. There are {', '.join(PEERS)}.")
    for name in only or PEERS:
        peer = PEERS[name]
        found: dict[str, Any] = {}
        figures[name] = found
        if (missing := _missing(peer)) is not None:
            found["not_measured"] = missing
            progress(f"{name}: NOT MEASURED: {missing}")
            continue
        try:
            for part in PARTS:
                found |= part(peer, quick, progress)
        except (SystemExit, TimeoutError) as error:  # the others' figures are worth having all the same
            found["failed"] = str(error) or "it did not come to the end of its input in time"
            progress(f"{name}: FAILED: {found['failed']}")
    return figures


def _missing(peer: Peer) -> str | None:
    """Why a peer cannot run: what is not installed, in words; None if all is there."""
    if peer.package is None:
        return None
    found = list(ROOT.glob(".venv-peers/lib/python*/site-packages"))
    if not found:
        return "There is no .venv-peers: run make bench-peers."
    installed = {one.metadata["Name"] for one in distributions(path=[str(one) for one in found])}
    if peer.package in installed:
        return None
    return (
        f"{peer.package} is not in .venv-peers: it has no wheel for Python {platform.python_version()}, {peer.wheels}."
    )


@contextmanager
def _backlog(count: int) -> Iterator[tuple[Shop, list[bytes]]]:
    """A shop with so many events and the sentinels, all with warm texts; and the ids of these events."""
    with open_shop() as shop:
        ids = asyncio.run(send_backlog(shop, count))
        asyncio.run(warm(shop))
        yield shop, ids


def _through_backlog(peer: Peer, quick: bool, progress: Progress) -> dict[str, Any]:
    """Events/s from a backlog."""
    events, slow = (QUICK_EVENTS, QUICK_SLOW_EVENTS) if quick else (EVENTS, SLOW_EVENTS)
    count = slow if peer.is_slow else events
    progress(f"{peer.name}: a backlog of {count:,} events")
    with _backlog(count) as (shop, ids):
        rate = asyncio.run(through_backlog(shop, peer, ids))
        progress(f"{peer.name}: {rate:,} events/s")
    return {"events_per_s": rate}


def _at_fixed_arrival(peer: Peer, quick: bool, progress: Progress) -> dict[str, Any]:
    """Cores and latencies at both rates, one after the other, in one process without a past."""
    courses = [Course(rate, WARM_S, QUICK_SECONDS if quick else SECONDS) for rate in RATES]
    live = [events_for(course, number) for number, course in enumerate(courses)]
    with _backlog(0) as (shop, ids):
        asyncio.run(warm_with(shop, chain.from_iterable(live)))
        return asyncio.run(_measured(shop, peer, ids, list(zip(courses, live, strict=True)), progress))


async def _measured(
    shop: Shop, peer: Peer, ids: list[bytes], courses: list[tuple[Course, list[SimEvent]]], progress: Progress
) -> dict[str, Any]:
    """Start the process, wait until it has answered to the sentinels, and measure each course."""
    await peer.prepare(shop)
    topics = peer.facts(shop)
    found: dict[str, Any] = {}
    async with started(shop, peer) as (process, watcher, alive):
        await until_seen(watcher, ids, QUIET_S, PATIENCE_S, alive)
        for course, events in courses:
            rate = round(course.rate)
            one = await measure(shop, topics, process.pid, course, events)
            alive()
            progress(f"{peer.name}: {one['cores']} cores at {rate:,} events/s, p99 {one['p99_ms']} ms")
            found |= {f"cores_at_{rate}": one["cores"], f"p99_ms_at_{rate}": one["p99_ms"]}
            found[f"keeps_up_at_{rate}"] = one["drained"]
    return found


def _after_kill(peer: Peer, quick: bool, progress: Progress) -> dict[str, Any]:
    """What is lost and doubled after a kill in the middle of a backlog."""
    count = QUICK_KILL_EVENTS if quick else KILL_EVENTS
    progress(f"{peer.name}: one kill -9 in {count:,} events")
    with _backlog(count) as (shop, ids):
        found = asyncio.run(through_kill(shop, peer, ids))
        progress(f"{peer.name}: {found['lost']} lost, {found['doubled']} doubled")
    return found


PARTS = (_through_backlog, _at_fixed_arrival, _after_kill)
