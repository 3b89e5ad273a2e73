"""F29 and F30: a soak under steady load, and a cold start with a million profiles."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import numpy as np
import psutil

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.state.codec import encode_rows
from liveprofile.profiles.state.row import blank_rows
from liveprofile.streams.runtime.outbox import KafkaOutbox
from liveprofile.streams.transport.record import Item
from tests.faults.shop import Shop
from tests.faults.trial import Trial
from tests.faults.workers import Worker

WARM_UP = 0.4
"""Share of a soak that does not count: caches fill, shoppers become known."""
JUDGED_FROM_MIN = 60
MOST_MB_PER_H = 1.0
CHUNK = 10_000
MOST_OTHERS = 16
"""Records of a state topic beside profiles, with nothing folded: where each partition's log began."""


async def soak(trial: Trial) -> None:
    """F29: `n` minutes of steady traffic; after the warm-up the worker's resident memory must not grow.

    It must not exceed the limit by more than twice the slope's standard error. Under an hour both are only reported:
    until then caches of texts and names still fill.
    """
    async with trial.shop(users=500) as shop:
        worker = await shop.workers.start()
        traffic = shop.traffic(trial.events / (60 * trial.n))
        memory = _Memory(worker.pid)
        await shop.until_sent(round(WARM_UP * trial.events))
        memory.begin_again()
        await traffic
        memory.end()
        slope, error = memory.slope_mb_per_h()
        trial.notes |= {"minutes": trial.n, "slope_mb_per_h": round(slope, 1), "slope_error": round(error, 1)}
        grows = trial.n >= JUDGED_FROM_MIN and slope - 2 * error > MOST_MB_PER_H
        trial.require(not grows, f"memory grows by {slope:.1f} MB an hour (± {error:.1f})")
        await shop.drain()
        await trial.check(shop)


async def cold_start(trial: Trial) -> None:
    """F30: a worker with an empty disk is given `n` profiles; how long until it is ready. `events` follow."""
    async with trial.shop() as shop:
        await _write_profiles(shop, trial.n)
        trial.progress(f"{trial.n:,} profiles written")
        began = time.monotonic()
        worker = await shop.workers.start("profile")
        trial.recoveries.append(time.monotonic() - began)
        loaded = _line(worker, "worker ready")
        others = loaded["records"] - trial.n
        trial.require(0 <= others <= MOST_OTHERS, f"{loaded['records']} records were loaded, of {trial.n} profiles")
        trial.notes |= {
            "profiles": trial.n,
            "profiles_per_s": round(trial.n / loaded["seconds"]),
            "start_to_ready_s": loaded["seconds"],
            "memory_mb": round(psutil.Process(worker.pid).memory_info().rss / 1e6),
        }
        await shop.workers.start("ingest,learn")
        await shop.send(trial.events)
        await shop.drain()
        await shop.stop_workers()


class _Memory:
    """The resident memory of a process, looked at every second until `end`."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._samples: list[tuple[float, float]] = []
        self._task = asyncio.create_task(self._follow())

    def end(self) -> None:
        """Look no more."""
        self._task.cancel()

    def begin_again(self) -> None:
        """Forget what was seen so far, a warm-up for instance."""
        self._samples.clear()

    def slope_mb_per_h(self) -> tuple[float, float]:
        """Least-squares slope of what was seen, and its standard error. Needs three samples at least."""
        seconds, mb = np.array(self._samples).T
        (slope, _), covariance = np.polyfit(seconds - seconds[0], mb, 1, cov=True)
        return 3600 * float(slope), 3600 * float(np.sqrt(covariance[0, 0]))

    async def _follow(self) -> None:
        while True:
            self._samples.append((time.monotonic(), self._process.memory_info().rss / 1e6))
            await asyncio.sleep(1.0)


async def _write_profiles(shop: Shop, count: int) -> None:
    """Profiles of real size and of nobody in the traffic, spread over the state topic's partitions."""
    rows = blank_rows(CHUNK, Policy().dims)
    rows["interest"] = np.random.default_rng(shop.trial.seed).integers(-9000, 9000, rows["interest"].shape)
    values = encode_rows(rows, Policy().dims)
    async with KafkaOutbox(shop.bootstrap) as outbox:
        for start in range(0, count, CHUNK):
            here = values[: count - start]
            items: list[Item] = [(b"%032x" % (start + at), value, ()) for at, value in enumerate(here)]
            size = -(-len(items) // shop.topics.partitions)
            parts = [items[at : at + size] for at in range(0, len(items), size)]
            await asyncio.gather(*(outbox.send(shop.topics.state, number, part) for number, part in enumerate(parts)))


def _line(worker: Worker, event: str) -> dict[str, Any]:
    """The last line of a worker's log about an event. AssertionError where there is none."""
    lines = worker.child.log.read_text(encoding="utf-8", errors="replace").splitlines()
    found = [json.loads(line) for line in lines if line.startswith("{") and f'"{event}"' in line]
    assert found, f"{worker.name} does not say {event!r}:\n{worker.child.end_of_log(40)}"
    return dict(found[-1])
