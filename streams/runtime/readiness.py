"""Publishes readiness: a file that exists while the worker is ready, and the log."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import structlog

from liveprofile.streams.runtime.collector import spare_the_collector, spare_what_there_is
from liveprofile.streams.runtime.processes.lifeline import Lifeline, Word
from liveprofile.streams.runtime.progress import Progress
from liveprofile.streams.runtime.runtime import Runtime

log = structlog.get_logger(__name__)

LOOK_S = 0.05
"""Time between two looks while partitions load."""
LOOK_WHEN_READY_S = 0.25
"""Time between two looks at a ready worker, of which the probes ask at any time: less often costs less."""
LOG_EVERY_S = 5.0
"""Time between two log lines about a long load."""
WAITING_S = 3.0
"""A group that takes longer than this to give partitions waits for somebody."""


async def tell_readiness(runtime: Runtime, file: Path | None = None, lifeline: Lifeline | None = None) -> None:
    """Create and delete `file` with the worker's readiness and log changes until cancelled; then delete the file.

    A file that cannot be written stops the worker. A supervisor is told by its `lifeline`.
    """
    try:
        await _follow(runtime, file, lifeline)
    except OSError as error:
        runtime.fail(error)
    finally:
        if file is not None:
            file.unlink(missing_ok=True)


async def _follow(runtime: Runtime, file: Path | None, lifeline: Lifeline | None) -> None:
    _mark(file, lifeline, False)
    await _loaded(runtime)
    spare_the_collector()
    loads_behind = True
    while True:
        _mark(file, lifeline, True)
        while runtime.is_ready:
            if loads_behind and all(queue.loaded.is_set() for queue in runtime.partition_queues):
                loads_behind = False
                spare_what_there_is()
            await asyncio.sleep(LOOK_WHEN_READY_S)
        _mark(file, lifeline, False)
        if not runtime.failed.done():
            log.info("worker not ready: the group shares its partitions out again")
        await _loaded(runtime)


async def _loaded(runtime: Runtime) -> None:
    """Return as soon as the worker is ready."""
    load = Load()
    while not runtime.is_ready:
        load.look(runtime)
        await asyncio.sleep(LOOK_S)
    load.look(runtime)
    load.log("worker ready")


def _mark(file: Path | None, lifeline: Lifeline | None, ready: bool) -> None:
    if lifeline is not None:
        lifeline.tell(Word.READY if ready else Word.NOT_READY)
    if file is not None and ready:
        file.write_text("ready\n")
    elif file is not None:
        file.unlink(missing_ok=True)


class Load:
    """The loading of all partitions that a worker was given at once, for the log."""

    def __init__(self) -> None:
        self._began = self._logged_at = time.monotonic()
        self._known: list[Progress] = []
        self._waiting_from_s = self._began
        self._told_waiting_s = self._began + WAITING_S - LOG_EVERY_S

    def look(self, runtime: Runtime) -> None:
        """Read the progress, and log it every LOG_EVERY_S."""
        known = [found for queue in runtime.partition_queues if (found := queue.progress)]
        if known and not self._known:
            self._began = self._logged_at = time.monotonic()
        self._known = known
        self._tell_waiting(runtime)
        if time.monotonic() - self._logged_at >= LOG_EVERY_S and self._known:
            self._logged_at = time.monotonic()
            self.log("loading profiles", **self._estimate())

    def _tell_waiting(self, runtime: Runtime) -> None:
        """Say why nothing is assigned: the group waits for a worker that died without leaving."""
        now_s = time.monotonic()
        if runtime.partition_queues:
            self._waiting_from_s, self._told_waiting_s = now_s, now_s + WAITING_S - LOG_EVERY_S
        elif now_s - self._told_waiting_s >= LOG_EVERY_S:
            self._told_waiting_s = now_s
            left_s = runtime.config.session_timeout_s - (now_s - self._waiting_from_s)
            log.info("waiting for the group: the session of a worker that died may have to end", at_most_s=_up(left_s))

    def log(self, event: str, **more: float | None) -> None:
        """Log a line with the records read so far."""
        records = sum(one.records for one in self._known)
        log.info(event, records=records, seconds=round(time.monotonic() - self._began, 1), **more)

    def _estimate(self) -> dict[str, float | None]:
        """Share loaded, records a second, and seconds left, estimated from the records read so far."""
        passed = time.monotonic() - self._began
        done = sum(one.done for one in self._known)
        total = sum(one.total or 0 for one in self._known)
        per_s = sum(one.records for one in self._known) / passed
        left = round(passed * (total - done) / done) if done else None
        return {"loaded": done, "of": total, "per_s": round(per_s), "eta_s": left}


def _up(seconds: float) -> int:
    """Whole seconds, at least one."""
    return max(1, round(seconds))
