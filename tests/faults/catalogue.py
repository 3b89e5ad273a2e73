"""The catalogue: which faults there are, how often each strikes, and its short form for CI."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.faults.runs import kills, models, pauses, rebalances, versions
from tests.faults.trial import Trial


@dataclass(frozen=True)
class Fault:
    """A fault of the matrix."""

    id: str
    title: str
    run: Callable[[Trial], Awaitable[None]]
    n: int
    """How often it strikes."""
    events: int
    short: tuple[int, int] | None = None
    """`n` and `events` of the short form that CI runs; None where CI leaves it out."""


FAULTS = {
    fault.id: fault
    for fault in (
        Fault("F1", "a worker is killed (kill -9)", kills.worker_killed, 20, 200_000, (2, 6_000)),
        Fault("F2", "killed in the window", kills.killed_in_the_window, 50, 100_000, (3, 6_000)),
        Fault("F3", "graceful restart (SIGTERM) under load", kills.restarted, 20, 100_000, (2, 6_000)),
        Fault("F4", "rebalance storm", rebalances.storm, 60, 200_000),
        Fault("F9", "a worker stands still (SIGSTOP)", pauses.paused, 12, 200_000, (2, 10_000)),
        Fault("F20", "damaged models, snapshots and internal records", models.damaged_models, 6, 5_000, (1, 1_500)),
        Fault("F23", "records of old, new and again old producers", versions.mixed_records, 9, 90_000),
        Fault("F24", "rolling upgrade, and back", versions.rolling_upgrade, 8, 100_000),
    )
}
