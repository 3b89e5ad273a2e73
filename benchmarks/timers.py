"""The latency of live events while 100,000 timers are due at one moment, and the time until the last one is published.

Each of so many shoppers has put an item into the cart at the same time, an hour before the moment. At the moment all
of them enter the segment "Cart left behind", by time alone. Live events of other shoppers arrive at a fixed rate.
"""

import asyncio
import time
from collections import Counter
from typing import Any

import orjson
from aiokafka import ConsumerRecord

from benchmarks.arrivals import Follower, Plan, Watcher, due_times, latencies_ms, percentiles, send_at_fixed_arrival
from benchmarks.latency import running
from benchmarks.load import Course, Progress, events_for, processor_s
from benchmarks.shop import Shop, open_shop
from benchmarks.warm import warm_with
from liveprofile.streams.producers.sender import Sender

TIMERS, RATE = 100_000, 500
AFTER_MS = 3_600_000
"""The segment is entered an hour after the last event."""
LEAD_S, WARM_S, SECONDS = 120.0, 15.0, 60.0
"""From the shoppers' events to the moment; of this the last with live events; and how long they go on after it."""
SEGMENT, CODE = "cart-left", "SEGMENT_ENTERED"


def run(progress: Progress, timers: int = TIMERS, rate: int = RATE, lead_s: float = LEAD_S) -> dict[str, Any]:
    """Percentiles of live changes from the moment on, and of the entries: how many, how often, and after how long."""
    course = Course(rate, WARM_S, SECONDS)
    events = events_for(course, 0)
    with open_shop() as shop:
        asyncio.run(warm_with(shop, events))
        with running(shop, "worker") as worker:
            return asyncio.run(_measure(shop, worker.pid, course, events, timers, lead_s, progress))


async def _measure(
    shop: Shop, process_id: int, course: Course, events: Any, timers: int, lead_s: float, progress: Progress
) -> dict[str, Any]:
    moment = round(time.time() + lead_s, 3)
    plan, entries = Plan(), Entries(shop)
    async with Watcher(shop.bootstrap, [shop.topics.profile_changes]) as watcher, entries:
        async with Sender(shop.bootstrap, shop.topics.inputs) as sender:
            await _put_into_carts(sender, shop, timers, round(moment * 1000) - AFTER_MS)
            progress(f"{timers:,} shoppers have filled their carts; the moment is in {moment - time.time():.0f} s")
            await asyncio.sleep(max(0.0, moment - WARM_S - time.time()))
            before = processor_s(process_id)
            times = due_times(course.rate, course.total_s, time.time())
            await send_at_fixed_arrival(sender, events, times, plan)
        await entries.until(timers, at_most_s=60.0)
        cores = (processor_s(process_id) - before) / course.total_s
    live = latencies_ms(plan.due, watcher.changes, moment, times[-1] - 1.0)
    found = percentiles(live)
    progress(f"live changes: p50 {found['p50_ms']} ms, p99 {found['p99_ms']} ms; entries: {len(entries.seen):,}")
    return {
        "timers": timers,
        "live_events_per_s": course.rate,
        "live_p50_ms": found["p50_ms"],
        "live_p99_ms": found["p99_ms"],
        "live_changes": len(live),
        "entries": len(entries.seen),
        "entries_twice": sum(count > 1 for count in entries.seen.values()),
        "entries_without_reason": entries.without_reason,
        "early": sum(at < moment for at in entries.times),
        "last_after_s": round(max(entries.times, default=0.0) - moment, 2),
        "cores": round(cores, 3),
    }


async def _put_into_carts(sender: Sender, shop: Shop, timers: int, time_ms: int) -> None:
    """One click of each shopper, all with the same time."""
    click = {"action": "cart", "title": "Red ceramic vase", "category": "home/decor", "price": 19.0, "ts": time_ms}
    for number in range(timers):
        user = f"timer-{number:06d}"
        value = orjson.dumps({"user_id": user, "event_id": f"t{number}", "item_id": f"vase-{number % 500}", **click})
        sender.add(shop.clicks, user.encode(), value, round(time.time() * 1000))
        if number % 2_000 == 0:
            await sender.send()
    await sender.send()


class Entries(Follower):
    """Notes when which profile entered the segment by time."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop.bootstrap, [shop.topics.profile_changes])
        self.seen: Counter[str] = Counter()
        self.times: list[float] = []
        self.without_reason = 0

    async def until(self, count: int, at_most_s: float) -> None:
        """Wait until so many profiles have entered, or the time is over."""
        end = time.monotonic() + at_most_s
        while len(self.seen) < count and time.monotonic() < end:  # noqa: ASYNC110 - the reader counts in batches
            await asyncio.sleep(0.05)

    def take(self, record: ConsumerRecord, now: float) -> None:
        if SEGMENT.encode() in record.value:
            self._note(orjson.loads(record.value), now)

    def _note(self, change: dict[str, Any], now: float) -> None:
        for one in change["changes"]:
            if one["path"] == "segments" and SEGMENT in one["after"] and change["origin"] == "timer":
                self.seen[change["profile_id"]] += 1
                self.times.append(now)
                self.without_reason += one["reason"]["code"] != CODE or not one["message"]
