"""The catalogue: which faults there are, how often each strikes, and its short form for CI."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.faults.runs import endurance, kills, load
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
        Fault("F10", "the model stands still for 20 s, then ten times the input", load.slow_model_and_burst, 3, 60_000),
        Fault("F29", "soak: n minutes of steady traffic", endurance.soak, 10, 120_000),
        Fault("F30", "cold start with n profiles", endurance.cold_start, 1_000_000, 2_000),
    )
}
