"""Resident memory of a process, followed while a fault runs."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import psutil

MIB = 1 << 20


class MemoryMeter:
    """Looks every `every_s` seconds, until it is ended."""

    def __init__(self, pid: int, every_s: float = 1.0) -> None:
        self._process = psutil.Process(pid)
        self._every_s = every_s
        self._samples: list[tuple[float, float]] = []
        self._task = asyncio.create_task(self._follow())

    def end(self) -> None:
        """Look no more."""
        self._task.cancel()

    @property
    def most_mib(self) -> float:
        """The most that was seen since `begin_again`."""
        return max((mib for _, mib in self._samples), default=0.0)

    def begin_again(self) -> None:
        """Forget what was seen so far, a warm-up for instance."""
        self._samples.clear()

    def slope_mb_per_h(self) -> tuple[float, float]:
        """Least-squares slope of what was seen, and its standard error. Needs three samples at least."""
        seconds, mib = np.array(self._samples).T
        (slope, _), covariance = np.polyfit(seconds, mib, 1, cov=True)
        per_h = 3600 * MIB / 1e6
        return float(slope) * per_h, float(np.sqrt(covariance[0, 0])) * per_h

    async def _follow(self) -> None:
        while True:
            self._samples.append((time.monotonic(), self._process.memory_info().rss / MIB))
            await asyncio.sleep(self._every_s)
