"""The catalogue: which faults there are, how often each strikes, and its short form for CI."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.faults.runs import inputs, kills, order, privacy
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
        Fault("F11", "poison among valid records", inputs.poison, 10_000, 100_000, (500, 3_000)),
        Fault("F12", "hostile strings", inputs.hostile_strings, 1, 2_000),
        Fault("F13", "20% of the events repeated, near and far", order.repeated, 20, 50_000, (20, 4_000)),
        Fault("F14", "late, out of order, ahead of time", order.out_of_order, 1, 50_000, (1, 2_500)),
        Fault("F16", "oversize records and shoppers", inputs.oversize, 5, 100_000),
        Fault("F21", "shoppers erased under fire", privacy.erased_under_fire, 30, 60_000),
    )
}
