"""The fence: keeps a process that was paused, or put out of its group, from writing over the new owner's work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from liveprofile.errors import LiveprofileError

BEAT_S = 0.5


def boot_seconds() -> float:
    """Seconds that also run on while the machine sleeps, where the system has such a clock."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


class FencedError(LiveprofileError):
    """This process no longer owns its partitions, and writes nothing more; it must stop and start again."""

    retryable = True
    next_step = "Restart the process: it joins the group again."


class Fence:
    """Watches the process's own heartbeat: a gap longer than the session means that another worker has taken over.

    A process that was stopped (SIGSTOP, a sleeping laptop, a loop blocked for too long) cannot know how the group moved
    on meanwhile, so it does not guess. What slips through between a check and the broker is refused there,
    see `FencingToken`.
    """

    def __init__(
        self,
        session_timeout_s: float,
        in_group: Callable[[], bool],
        now_s: Callable[[], float] = boot_seconds,
        owns_any: Callable[[], bool] = lambda: True,
    ) -> None:
        """`in_group` tells whether the group still counts this process among its members.

        Standing still while nothing is owned, at a slow start, does no harm: `owns_any` tells.
        """
        self._session_timeout_s = session_timeout_s
        self._in_group = in_group
        self._owns_any = owns_any
        self._now_s = now_s
        self._last_beat_s = now_s()
        self._longest_gap_s = 0.0

    def check(self) -> None:
        """Raise `FencedError` if the process was paused beyond its session, or is not in its group any more."""
        gap_s = self._beat()
        if not self._in_group():
            raise FencedError(
                "the group has put this worker out and given its partitions away: it was silent for too long, or "
                "another worker runs under its instance_id; restart it"
            )
        if gap_s > self._session_timeout_s:
            raise FencedError(
                f"this worker stood still for {gap_s:.0f} s, its session is {self._session_timeout_s:.0f} s: "
                f"its partitions may have a new owner; restart it (raise session_timeout_s if pauses are expected)"
            )

    async def keep_beating(self) -> None:
        """Beat until cancelled; raises `FencedError` as soon as a gap was too long."""
        while True:
            await asyncio.sleep(BEAT_S)
            self.check()

    def _beat(self) -> float:
        now_s = self._now_s()
        if self._owns_any():
            self._longest_gap_s = max(self._longest_gap_s, now_s - self._last_beat_s)
        self._last_beat_s = now_s
        return self._longest_gap_s
