"""F32: four processes of one supervisor, restarted in turn under load, and no partition is without work for long."""

from __future__ import annotations

import asyncio
import json
import signal
import statistics
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from tests.faults.gaps import GapMeter
from tests.faults.shop import Shop
from tests.faults.trial import Trial, sleep_until

PROCESSES = 4
RATE, SHORT_RATE = 1_000.0, 200.0
"""Events a second; the short run shares the machine with anything."""
SLICE_S = 5.0
"""Traffic goes on in pieces of so long until the last restart is over."""
PACE_S = 2.0
GAP_S = 5.0
ROOT = Path(__file__).resolve().parents[3]


async def restarted_in_turn(trial: Trial) -> None:
    """F32: `n` rolling restarts by SIGUSR1 while events come in at 1,000 a second."""
    async with trial.shop(settings={"LIVEPROFILE_WORKER__INSTANCE_ID": "w"}) as shop:
        worker = await shop.workers.start(
            supervised=False, environment={"PYTHONPATH": str(ROOT)}, more=("--processes", str(PROCESSES))
        )
        over = asyncio.Event()
        traffic = asyncio.create_task(_flow(shop, RATE if trial.timed else SHORT_RATE, trial.events, over))
        read = (*shop.topics.inputs, shop.topics.activity)
        try:
            await sleep_until(lambda: traffic.done() or shop.supply.sent > trial.events // 3)  # most texts are new
            await sleep_until(lambda: keeps_pace(shop), within_s=300)
            async with GapMeter(shop.bootstrap, shop.topics.group, read, shop.topics.partitions) as gaps:
                for number in range(1, trial.n + 1):
                    worker.child.process.send_signal(signal.SIGUSR1)
                    await sleep_until(partial(_has_done, worker.child.log, number), within_s=300)
                    trial.progress(f"rolling restart {number} of {trial.n}: longest gap {gaps.longest_s:.1f} s")
            over.set()
            await traffic
        finally:
            traffic.cancel()
        await shop.drain()
        trial.require(worker.runs, "the supervisor has ended")
        await trial.check(shop)
    steps = hand_overs(lines_of(worker.child.log))
    trial.require(len(steps) == trial.n * PROCESSES, f"{len(steps)} hand-overs instead of {trial.n * PROCESSES}")
    trial.notes |= {
        "longest_gap_s": round(gaps.longest_s, 2),
        "gap_of": gaps.where.removeprefix(shop.topics.prefix),
        "hand_over_s": {
            part: round(statistics.median(one[part] for one in steps), 2) for part in ("settle", "join", "load")
        }
        if steps
        else {},
    }
    quick = not trial.timed or gaps.longest_s <= GAP_S
    trial.require(quick, f"the longest gap of a partition is {gaps.longest_s:.1f} s, more than {GAP_S:.0f} s")


async def _flow(shop: Shop, rate: float, least: int, over: asyncio.Event) -> None:
    """Send so many events at least, and go on until the restarts are over."""
    while shop.supply.sent < least or not over.is_set():
        await shop.send(round(rate * SLICE_S), rate)


def keeps_pace(shop: Shop) -> bool:
    """Whether less than two seconds of traffic wait, in inputs and `activity` together."""
    rate = RATE if shop.trial.timed else SHORT_RATE
    return shop.recoveries.lag is not None and shop.recoveries.lag <= PACE_S * rate


def lines_of(log: Path) -> list[dict[str, Any]]:
    """The lines of a log that are JSON."""
    text = log.read_text(encoding="utf-8", errors="replace")
    return [json.loads(line) for line in text.splitlines() if line.startswith("{") and line.endswith("}")]


def _has_done(log: Path, restarts: int) -> bool:
    """Whether a supervisor has done so many rolling restarts."""
    return sum(line["event"] == "rolling restart done" for line in lines_of(log)) >= restarts


def hand_overs(lines: Iterable[Mapping[str, Any]]) -> list[dict[str, float]]:
    """What each hand-over took, in seconds, by the log.

    `settle` is the predecessor's end of work, `join` from there until the successor loads its first partition, `load`
    until it is ready.
    """
    found, at = [], dict[str, dict[str, float]]()
    for line in lines:
        if "instance" not in line or "time" not in line:
            continue
        steps, now_s = at.setdefault(line["instance"], {}), datetime.fromisoformat(line["time"]).timestamp()
        match line["event"]:
            case "worker stopping: finishing batches in progress, final checkpoint":
                at[line["instance"]] = {"stopping": now_s}
            case "worker stopped" if "stopping" in steps:
                steps["stopped"] = now_s
            case "profiles loaded" | "items loaded" if "stopped" in steps:
                steps.setdefault("loading", now_s)
            case "worker ready" if "stopped" in steps:
                begun = steps.get("loading", now_s)
                settle, join = steps["stopped"] - steps["stopping"], begun - steps["stopped"]
                found.append({"settle": settle, "join": join, "load": now_s - begun})
                at[line["instance"]] = {}
    return found
