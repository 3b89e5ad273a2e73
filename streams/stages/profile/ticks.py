"""Ticks: records in a partition's log that bring time to its fold."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from liveprofile.profiles.records.activity import Kind, control_record
from liveprofile.streams.clock import now_ms
from liveprofile.streams.runtime.stage import Outbox
from liveprofile.streams.runtime.waiting import wait_at_most
from liveprofile.streams.stages.profile.config import ProfileStageConfig

TICK_KEY = b"\x00tick"
"""Key of ticks in `activity`; no profile id looks like it."""
LONGEST_REST_S = 600.0
"""A partition in which nothing happens gets a tick this often, to read the broker's time again."""


class Ticks:
    """Appends ticks to the log of one partition, while it is owned.

    A tick is due every `tick_s`, and at once while more profiles are due than one tick fires. Where it would change
    nothing, none is appended.
    """

    def __init__(
        self, partition: int, config: ProfileStageConfig, outbox: Outbox, rests_until_ms: Callable[[], int]
    ) -> None:
        """`rests_until_ms` tells until when ticks would change nothing, see `Fold.rests_until_ms`."""
        self._partition, self._config, self._outbox = partition, config, outbox
        self._rests_until_ms = rests_until_ms
        self._hurry = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start appending."""
        self._task = asyncio.create_task(self._run(), name=f"ticks of {self._partition}")

    def stop(self) -> None:
        """Stop appending."""
        if self._task is not None:
            self._task.cancel()

    def hurry(self) -> None:
        """Append the next tick at once."""
        self._hurry.set()

    async def _run(self) -> None:
        """Append ticks; an error stops the process, because nothing may be acknowledged after it."""
        try:
            await self._append_for_ever()
        except Exception as error:
            error.add_note(f"in the ticks of the profile stage, partition {self._partition}")
            self._outbox.fail(error)

    async def _append_for_ever(self) -> None:
        """Append a tick whenever one is due.

        The time of a tick is the broker's time of the last tick plus the time since then, because this machine's clock
        may be wrong or be changed. The first tick has time 0 and only reads the broker's time.
        """
        broker_ms, asked_s = await self._append(0), time.monotonic()
        while True:
            at_once = await wait_at_most(self._hurry, self._config.tick_s)
            self._hurry.clear()
            passed_s = time.monotonic() - asked_s
            time_ms = broker_ms + round(passed_s * 1000)
            if at_once or passed_s >= LONGEST_REST_S or time_ms >= self._rests_until_ms():
                broker_ms, asked_s = await self._append(time_ms), time.monotonic()

    async def _append(self, time_ms: int) -> int:
        """Append one tick; returns its time in the log: the broker's, unless the topic is configured otherwise."""
        tick = control_record(Kind.TICK, time_ms, self._config.policy.dims)
        appended_ms = await self._outbox.send(self._config.topics.activity, self._partition, [(TICK_KEY, tick, ())])
        return appended_ms or now_ms()
