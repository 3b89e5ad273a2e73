"""The catalogue: which faults there are, how often each strikes, and its short form for CI."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.faults.runs import (
    away,
    brokers,
    clocks,
    endurance,
    inputs,
    kills,
    load,
    local_state,
    models,
    network,
    order,
    pauses,
    privacy,
    processes,
    rebalances,
    refusals,
    renewals,
    topics,
    versions,
)
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
        Fault("F5", "the broker is killed under load", brokers.broker_killed, 10, 100_000, (1, 5_000)),
        Fault("F6", "the broker is away for five minutes", brokers.broker_away, 1, 30_000),
        Fault("F7", "a worker is cut off from the broker", network.partitioned, 5, 100_000),
        Fault("F8", "a slow network that resets connections", network.slow_and_reset, 5, 20_000),
        Fault("F9", "a worker stands still (SIGSTOP)", pauses.paused, 12, 200_000),
        Fault("F10", "the model stands still for 20 s, then ten times the input", load.slow_model_and_burst, 3, 60_000),
        Fault("F11", "poison among valid records", inputs.poison, 10_000, 100_000, (500, 3_000)),
        Fault("F12", "hostile strings", inputs.hostile_strings, 1, 2_000),
        Fault("F13", "20% of the events repeated, near and far", order.repeated, 20, 50_000, (20, 4_000)),
        Fault("F14", "late, out of order, ahead of time", order.out_of_order, 1, 50_000, (1, 2_500)),
        Fault("F15", "clocks are wrong: producers' and a worker's", clocks.skewed, 4, 100_000),
        Fault("F16", "oversize records and shoppers", inputs.oversize, 5, 100_000),
        Fault("F17", "the broker refuses writes", refusals.writes_refused, 6, 60_000, (2, 8_000)),
        Fault("F18", "a disk is full", brokers.disk_full, 4, 60_000),
        Fault("F19", "files on the worker's disk are damaged", local_state.damaged_files, 20, 100_000, (1, 4_000)),
        Fault("F20", "damaged models, snapshots and internal records", models.damaged_models, 6, 5_000, (1, 1_500)),
        Fault("F21", "shoppers erased under fire", privacy.erased_under_fire, 30, 60_000, (3, 3_000)),
        Fault("F23", "records of old, new and again old producers", versions.mixed_records, 9, 90_000),
        Fault("F24", "rolling upgrade, and back", versions.rolling_upgrade, 8, 100_000),
        Fault("F25", "compaction, then a cold rebuild", topics.compacted, 1, 100_000),
        Fault("F26", "a topic is recreated or repartitioned", topics.recreated, 6, 50_000, (1, 3_000)),
        Fault("F27", "offsets are lost: the group is deleted", topics.offsets_lost, 5, 50_000),
        Fault("F29", "soak: n minutes of steady traffic", endurance.soak, 10, 120_000),
        Fault("F30", "cold start with n profiles", endurance.cold_start, 1_000_000, 2_000),
        Fault("F31", "the broker is gone for 60 s: lines, processor time, exit", away.broker_gone, 2, 3_000, (1, 500)),
        Fault(
            "F-oauth", "access tokens end while their endpoint is away", renewals.tokens_renewed, 4, 180_000, (2, 6_000)
        ),
        Fault(
            "F-certificate",
            "a client's certificate ends and is renewed",
            renewals.certificate_renewed,
            3,
            90_000,
            (1, 3_000),
        ),
        Fault("F32", "four processes restarted in turn", processes.restarted_in_turn, 3, 180_000, (1, 8_000)),
    )
}
