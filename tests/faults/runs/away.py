"""F31: the broker goes away under every kind of process; what they write and burn meanwhile, and how they end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import psutil

from liveprofile.streams.cli.demo.children import Child
from tests.faults.shop import Shop
from tests.faults.trial import Trial, sleep_until

AWAY_S = 60.0
AWAY_SHORT_S = 8.0
SETTLED_S = 2.0
"""Processor time counts from so long after the broker has gone: until then work in progress ends."""
RATE = "50"
FLOWING_S = 60.0
BACK = "answers again after"
BACK_S = 30.0
"""How long a process may take to notice that Kafka is back."""
LINES = 3
"""The most that a process may write of one absence: that Kafka went away, that it is back, and one more."""
CPU_SHARE = 0.02
ENDED_S = 5.0
ENDS = {"worker": (0, 4), "traffic": (0, 4), "watch": (-15,)}
"""Documented ends: nothing was under way, Kafka is away, or the signal's own."""
PENDING_S = 1.5
"""From the broker's end to SIGTERM: what is on its way cannot be confirmed any more."""
SETTINGS = {"LIVEPROFILE_WORKER__SESSION_TIMEOUT_S": "20", "LIVEPROFILE_WORKER__HEARTBEAT_S": "3"}
"""Those of a usual worker: a busy machine must not make it look like a stuck one."""
OUTPUT = '"profile_id"'
"""What stands in each line of `watch` that is a record."""


@dataclass
class Reading:
    """What a process has done so far."""

    lines: int
    cpu_s: float

    @classmethod
    def of(cls, child: Child) -> Reading:
        """As of now."""
        said = [line for line in child.log.read_text(errors="replace").splitlines() if OUTPUT not in line]
        used = psutil.Process(child.process.pid).cpu_times()
        return cls(len(said), used.user + used.system)


async def broker_gone(trial: Trial) -> None:
    """The broker goes away under a worker, `traffic` and `watch`: killed and stopped in turn; then all are told to end.

    A broker that stops in order is the harder case: before it goes, it says that no partition has a leader.
    """
    away_s = AWAY_S if trial.timed else AWAY_SHORT_S
    async with trial.shop(own_broker=True, prefix="", settings=SETTINGS) as shop:
        worker = await shop.workers.start(supervised=False)
        watch = shop.workers.run("watch", "watch", "changes", "--json")
        traffic = shop.workers.run("traffic", "traffic", "--rate", RATE, "--users", "300", "--seed", str(trial.seed))
        everyone = {"worker": worker.child, "traffic": traffic, "watch": watch}
        await _flowing(watch)
        for number in range(1, trial.n + 1):
            trial.progress(f"absence {number} of {trial.n}: {away_s:.0f} s")
            how, go = ("stopped", shop.broker.stop) if number % 2 else ("killed", shop.broker.kill)
            await _away(trial, shop, everyone, away_s, how, go)
            await _flowing(watch)
        await asyncio.to_thread(shop.broker.kill)
        await asyncio.sleep(PENDING_S)
        await asyncio.gather(*(_ended(trial, name, child) for name, child in everyone.items()))
        shop.workers.alive.remove(worker)
        await asyncio.to_thread(shop.broker.start)
        await shop.workers.start()
        await shop.drain()
        await trial.check(shop)


async def _away(
    trial: Trial, shop: Shop, everyone: dict[str, Child], away_s: float, how: str, go: Callable[[], object]
) -> None:
    """One absence: lines from its beginning until the broker is back, processor time from when work has ended."""
    first = {name: Reading.of(child) for name, child in everyone.items()}
    await asyncio.to_thread(go)
    await asyncio.sleep(SETTLED_S)
    settled = {name: Reading.of(child) for name, child in everyone.items()}
    await asyncio.sleep(away_s - SETTLED_S)
    last = {name: Reading.of(child) for name, child in everyone.items()}
    for name in everyone:
        lines = last[name].lines - first[name].lines
        share = (last[name].cpu_s - settled[name].cpu_s) / (away_s - SETTLED_S)
        trial.notes[f"{name}_{how}"] = {"lines": lines, "cpu_percent": round(share * 100, 2)}
        trial.require(1 <= lines <= LINES, f"{name} wrote {lines} lines while the broker was away")
        trial.require(not trial.timed or share < CPU_SHARE, f"{name} took {share:.1%} of a core meanwhile")
        trial.require(everyone[name].exit_code() is None, f"{name} ended while the broker was away")
    told = {name: _returns(child) for name, child in everyone.items()}
    await asyncio.to_thread(shop.broker.start)
    with suppress(TimeoutError):
        await sleep_until(
            lambda: all(_returns(child) > told[name] for name, child in everyone.items()), within_s=BACK_S
        )
    for name, child in everyone.items():
        again = _returns(child) - told[name]
        trial.require(again == 1, f"{name} said {again} times that Kafka is back")


def _returns(child: Child) -> int:
    """How often a process has said that Kafka is back."""
    return child.log.read_text(errors="replace").count(BACK)


async def _flowing(watch: Child) -> None:
    """Wait for a change that `watch` shows: events go in, and facts come out."""
    seen = watch.log.read_text().count(OUTPUT)
    await sleep_until(lambda: watch.log.read_text().count(OUTPUT) > seen, within_s=FLOWING_S)


async def _ended(trial: Trial, name: str, child: Child) -> None:
    """SIGTERM while the broker is away: it ends in time, with the documented exit code, and says why."""
    began = asyncio.get_running_loop().time()
    child.process.send_signal(signal.SIGTERM)
    with suppress(TimeoutError):
        await sleep_until(lambda: child.exit_code() is not None, within_s=60.0)
    seconds = asyncio.get_running_loop().time() - began
    trial.notes[f"{name}_told_to_end"] = {"seconds": round(seconds, 2), "exit_code": child.exit_code()}
    trial.require(seconds <= ENDED_S, f"{name} took {seconds:.1f} s to end")
    trial.require(child.exit_code() in ENDS[name], f"{name} ended with {child.exit_code()}")
    trial.require("Traceback" not in child.end_of_log(200), f"{name} ended with a traceback")
