"""The catalogue: which faults there are, how often each strikes, and its short form for CI."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.faults.runs import brokers, kills, network
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
        Fault("F5", "the broker is killed under load", brokers.broker_killed, 10, 100_000, (1, 5_000)),
        Fault("F6", "the broker is away for five minutes", brokers.broker_away, 1, 30_000),
        Fault("F7", "a worker is cut off from the broker", network.partitioned, 5, 100_000),
        Fault("F8", "a slow network that resets connections", network.slow_and_reset, 5, 20_000),
        Fault("F17", "the broker refuses writes", brokers.writes_refused, 6, 60_000, (2, 8_000)),
        Fault("F18", "a disk is full", brokers.disk_full, 4, 60_000),
    )
}
