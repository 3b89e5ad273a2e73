"""The fence: a process that was paused, or removed from its group, must not write over the new owner's data."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from liveprofile.errors import LiveprofileError

BEAT_S = 0.5


def boot_seconds() -> float:
    """A clock in seconds that includes the time when the machine sleeps, if the system has one."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


class FencedError(LiveprofileError):
    """This process no longer owns its partitions, and writes nothing more; it must stop and start again."""

    retryable = True
    next_step = "Restart the process: it joins the group again."


class Fence:
    """Checks the process's own heartbeat: after a gap longer than the session another worker may own the partitions.

    A process that was stopped (SIGSTOP, a sleeping laptop, a blocked event loop) cannot know what its group did
    meanwhile. So it stops. A request that leaves between a check and a pause is refused by the broker, see
    `FencingToken`.
    """

    def __init__(
        self,
        session_timeout_s: float,
        in_group: Callable[[], bool],
        now_s: Callable[[], float] = boot_seconds,
        owns_any: Callable[[], bool] = lambda: True,
    ) -> None:
        """`in_group` returns whether this process is still a member of the group.

        A pause while no partition is owned, at a slow start, does no harm: `owns_any` returns whether one is owned.
        """
        self._session_timeout_s = session_timeout_s
        self._in_group = in_group
        self._owns_any = owns_any
        self._now_s = now_s
        self._last_beat_s = now_s()
        self._longest_gap_s = 0.0

    def check(self) -> None:
        """Raise `FencedError` if the process was paused longer than its session, or is no longer in its group."""
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
        """Beat until cancelled; raises `FencedError` after a gap that was too long."""
        while True:
            await asyncio.sleep(BEAT_S)
            self.check()

    def _beat(self) -> float:
        now_s = self._now_s()
        if self._owns_any():
            self._longest_gap_s = max(self._longest_gap_s, now_s - self._last_beat_s)
        self._last_beat_s = now_s
        return self._longest_gap_s
