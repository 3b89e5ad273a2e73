"""A trial: one run of one fault, its randomness, and what came of it."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from tests.faults.oracle import examine

if TYPE_CHECKING:
    from tests.faults.shop import Shop


@dataclass
class Trial:
    """One run: how often a fault strikes (`n`), among how many `events`, from which `seed`."""

    fault: str
    n: int
    events: int
    seed: int
    folder: Path
    timed: bool = True
    """Whether recovery has to be quick enough: not in a short run, which may share the machine with anything."""
    state: str = "memory"
    """Where workers keep profiles: "memory" or "rocksdb"."""
    broker: Any = None
    """A running broker that shops may share with others; None for one of their own each."""
    progress: Callable[[str], None] = lambda text: None
    invariants: dict[str, int] = field(default_factory=dict)
    recoveries: list[float] = field(default_factory=list)
    """Seconds from each fault to lag under a second of traffic."""
    repeats: int = 0
    """Facts that stand in their topic more than once, all with the same payload."""
    notes: dict[str, Any] = field(default_factory=dict)
    """Further figures, by name."""
    problems: list[str] = field(default_factory=list)
    """What must be so and was not, in words."""
    began_s: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def warm(self) -> bool:
        """Whether workers are forks that are there in a moment: in a short run, whose time is not taken."""
        return not self.timed

    @asynccontextmanager
    async def shop(self, **options: Any) -> AsyncIterator[Shop]:
        """A shop of this trial's own; see `Shop` for the options. What it started has ended when this is left."""
        from tests.faults.shop import Shop

        shop = Shop(self, **options)
        try:
            await shop.open()
            yield shop
        finally:
            await shop.close()

    def moments(self, count: int | None = None) -> list[int]:
        """Random points among the events, ascending: how many are to be sent before each fault."""
        spread = range(self.events // 50, self.events * 9 // 10)
        return sorted(self.random.sample(spread, count or self.n))

    def pace(self, seconds_per_fault: float) -> float:
        """Events a second that let the traffic last for all faults, when each takes about so long to recover from.

        A short run has no time for that: faults strike before the last is recovered from.
        """
        return self.events / (self.n * seconds_per_fault) * (1 if self.timed else 3)

    def require(self, holds: bool, words: str) -> None:
        """Note a problem unless it holds."""
        if not holds:
            self.problems.append(words)
            self.progress(f"problem: {words}")

    def require_recovery(self, p95_s: float) -> None:
        """The 95th percentile of recoveries must not be above this."""
        quick = not self.timed or _quantile(self.recoveries, 0.95) <= p95_s
        self.require(quick, f"p95 of recovery is over {p95_s:.0f} s")

    async def check(self, shop: Shop, *, rebuild: bool = True) -> None:
        """Stop the workers and have the oracle look: I1 to I3, I5, I6 and I9; with `rebuild` also I4.

        I4: workers that find nothing but the state topic take further events, and everything must still be equal.
        """
        await shop.stop_workers()
        self.add(await examine(shop.bootstrap, shop.topics, shop.model_id))
        if rebuild:
            self.progress("rebuilding from the state topic alone")
            await shop.start_afresh()
            await shop.send(max(500, self.events // 100))
            await shop.drain()
            await shop.stop_workers()
            again = await examine(shop.bootstrap, shop.topics, shop.model_id)
            self.invariants["I4"] = self.invariants.get("I4", 0) + again.violations["I1"]
        self.notes |= {"worker_starts": len(shop.workers.started), "struck_again": shop.recoveries.struck_again}

    def add(self, verdict: Any) -> None:
        """Count what the oracle found."""
        for name, count in verdict.violations.items():
            self.invariants[name] = self.invariants.get(name, 0) + count
        self.repeats += verdict.repeats
        self.notes |= verdict.notes
        for words in verdict.words:
            self.progress(words)

    def result(self) -> dict[str, Any]:
        """The run as one JSON object."""
        found = self.recoveries
        recovery = (
            {"median": statistics.median(found), "p95": _quantile(found, 0.95), "max": max(found)} if found else {}
        )
        return {
            "fault": self.fault,
            "n": self.n,
            "seed": self.seed,
            "events": self.events,
            "invariants": dict(sorted(self.invariants.items())),
            "recovery_s": {name: round(value, 2) for name, value in recovery.items()},
            "repeats": self.repeats,
            "ok": not self.problems and not any(self.invariants.values()),
            "problems": self.problems,
            "notes": self.notes | {"state": self.state, "seconds": round(time.monotonic() - self.began_s)},
        }


def _quantile(values: list[float], share: float) -> float:
    """The smallest value that at least `share` of all are not above; 0 without values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


async def sleep_until(holds: Callable[[], bool], every_s: float = 0.05, within_s: float = 600.0) -> None:
    """Wait until something holds. TimeoutError after `within_s`."""
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(every_s)
