"""What one worker with all stages costs at a rate of events, and how long a change takes there.

The worker is a process of its own, as `liveprofile worker` starts it; the broker, the sender and the reader of changes
run beside it and are not counted. Texts are warm. Events arrive at planned times, and latency counts from the plan to
the moment when a consumer has the change. All rates are measured with one worker, one after the other.
"""

import asyncio
import time
from collections.abc import Sequence
from itertools import chain
from typing import Any

from benchmarks.latency import running
from benchmarks.load import Course, Progress, busy_core, cores_between, events_for, measure
from benchmarks.shop import open_shop
from benchmarks.warm import warm_with

RATES = (0, 50, 200, 500, 1_000, 2_000)
WARM_S, SECONDS, IDLE_WARM_S = 8.0, 30.0, 10.0
PARTITIONS = 4


def run(
    progress: Progress,
    rates: Sequence[int] = RATES,
    seconds: float = SECONDS,
    busy: bool = False,
    partitions: int = PARTITIONS,
) -> dict[str, Any]:
    """Cores and percentiles by rate, and the cores of an idle worker (rate 0); `busy` keeps one core at work beside."""
    courses = {rate: Course(rate, WARM_S, seconds) for rate in rates if rate}
    events = {rate: events_for(course, number) for number, (rate, course) in enumerate(courses.items())}
    figures: dict[str, Any] = {"rates": {}, "idle_cores": None}
    with open_shop(partitions=partitions) as shop:
        progress(f"warming the text cache with {sum(map(len, events.values())):,} events")
        asyncio.run(warm_with(shop, chain.from_iterable(events.values())))
        with running(shop, "worker") as worker, busy_core(busy):
            if 0 in rates:
                figures["idle_cores"] = asyncio.run(_idle(worker.pid, seconds))
                progress(f"idle, {partitions} partitions: {figures['idle_cores']} cores")
            for rate, course in courses.items():
                progress(f"{rate:,} events/s for {course.total_s:.0f} s")
                found = asyncio.run(measure(shop, [shop.topics.profile_changes], worker.pid, course, events[rate]))
                if worker.poll() is not None:
                    raise SystemExit(f"the worker ended with {worker.returncode}: see its log.")
                figures["rates"][str(rate)] = found
                progress(f"{rate:,} events/s: {found['cores']} cores, p50 {found['p50_ms']}, p99 {found['p99_ms']} ms")
    return figures | {"seconds": seconds, "partitions": partitions, "busy_core": busy}


async def _idle(process_id: int, seconds: float) -> float:
    since = time.time() + IDLE_WARM_S
    return await cores_between(process_id, since, since + seconds)
