"""What a running application costs at a rate of events, and how long after its event a change is there."""

import asyncio
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import psutil

from benchmarks.arrivals import Plan, Watcher, due_times, latencies_ms, percentiles, send_at_fixed_arrival
from benchmarks.sentinels import add_sentinels, until_seen
from benchmarks.shop import SEED, Shop
from liveprofile.streams.producers.sender import Sender
from liveprofile.streams.simulator.catalogue import build_catalogue
from liveprofile.streams.simulator.events import SimEvent
from liveprofile.streams.simulator.simulator import Simulator

USERS = 2_000
SPEED = 20.0
"""Seconds of shop time per second, as `liveprofile traffic` has it: whole sessions take less than a minute."""
HEAD_START_S = 0.1
QUIET_S, DRAIN_S = 1.0, 60.0
"""A run is over when its end was reached and no change has come for so long; and how long that may take."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Course:
    """A warm-up and a measured time at one rate of events."""

    rate: float
    warm_s: float
    seconds: float

    @property
    def total_s(self) -> float:
        """Seconds from the first event to the last."""
        return self.warm_s + self.seconds


def events_for(course: Course, number: int) -> list[SimEvent]:
    """All events of a course; `number` tells its shoppers and event ids from those of other courses of the run."""
    shop = Simulator(
        SEED + 1 + number,
        USERS,
        user_events_per_s=course.rate / USERS / SPEED,
        catalogue=build_catalogue(SEED),
    )
    return list(islice(shop.events(), round(course.rate * course.total_s)))


async def measure(
    shop: Shop, topics: Sequence[str], process_id: int, course: Course, events: Sequence[SimEvent]
) -> dict[str, Any]:
    """Cores that the process and its children took, and percentiles of the time from plan to change on `topics`.

    `drained` is false if the end was not reached within a minute after the last event: the application is too slow,
    and the latencies lack what came later.
    `send_late_p99_ms` is the load generator's own lag, which the latencies include.
    """
    plan = Plan()
    async with Watcher(shop.bootstrap, topics) as watcher:
        async with Sender(shop.bootstrap, shop.topics.inputs) as sender:
            start = time.time() + HEAD_START_S
            since, until = start + course.warm_s, start + course.total_s
            times = due_times(course.rate, course.total_s, start)
            _, cores = await asyncio.gather(
                send_at_fixed_arrival(sender, events, times, plan), cores_between(process_id, since, until)
            )
            sentinels = add_sentinels(sender, shop.clicks, f"{start:.0f}")
        drained = await _drained(watcher, sentinels)
    found = latencies_ms(plan.due, watcher.changes, since, until)
    return {
        "cores": cores,
        **percentiles(found),
        "changes": len(found),
        "drained": drained,
        "send_late_p99_ms": percentiles(plan.late_ms)["p99_ms"],
    }


async def _drained(watcher: Watcher, sentinels: Sequence[bytes]) -> bool:
    try:
        await until_seen(watcher, sentinels, QUIET_S, DRAIN_S)
    except TimeoutError:
        return False
    return True


async def cores_between(process_id: int, since: float, until: float) -> float:
    """Processor seconds (user and system, all threads, children too) a second, from one wall time to another."""
    await asyncio.sleep(max(0.0, since - time.time()))
    began, before = time.monotonic(), processor_s(process_id)
    await asyncio.sleep(max(0.0, until - time.time()))
    return round((processor_s(process_id) - before) / (time.monotonic() - began), 3)


def processor_s(process_id: int) -> float:
    """Processor seconds of a process so far, with all its threads and children. SystemExit if it has ended."""
    try:
        process = psutil.Process(process_id)
        used = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    except psutil.NoSuchProcess:
        raise SystemExit("the measured process ended while it was measured: see its log.") from None
    return float(sum(one.user + one.system for one in used))


@contextmanager
def busy_core(wanted: bool) -> Iterator[None]:
    """A process that does nothing but keep the machine's last core busy, if it is wanted."""
    if not wanted:
        yield
        return
    process = multiprocessing.get_context("spawn").Process(target=_spin, daemon=True)
    process.start()
    try:
        yield
    finally:
        process.kill()
        process.join()


def _spin() -> None:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    while True:
        pass
