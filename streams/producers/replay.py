"""Sends the records of a data file: as fast as possible, or at the pace of their own time."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import orjson

from liveprofile.streams.clock import now_ms
from liveprofile.streams.datasets.record import Record
from liveprofile.streams.producers.sender import Sender

CHUNK = 1_000
_NAP_S = 0.05
"""Longest sleep while waiting for a record's time, so that a stop is noticed."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The mapping from recorded time to the time of sending.

    `speed` 0 sends as fast as possible; X sends X seconds of recorded time in one second. `shift_ms` is added to every
    record's time; `stamp_now` replaces it by the moment of sending.
    """

    speed: float = 0.0
    shift_ms: int = 0
    stamp_now: bool = False


async def replay(records: Iterable[Record], sender: Sender, clock: Clock, stop: Callable[[int], bool]) -> int:
    """Send records; `stop` gets the number sent, once per chunk or sleep, and may end it. Returns the number sent."""
    pace, sent = _Pace(clock.speed), 0
    for record in records:
        wait_s = pace.wait_s(record.time_ms)
        while wait_s > 0 and not stop(sent):
            await sender.send(idle=True)
            await asyncio.sleep(min(wait_s, _NAP_S))
            wait_s = pace.wait_s(record.time_ms)
        if sent % CHUNK == 0:
            await sender.send()
            await asyncio.sleep(0)
            if stop(sent):
                return sent
        _add(record, sender, clock)
        sent += 1
    stop(sent)
    return sent


def _add(record: Record, sender: Sender, clock: Clock) -> None:
    now, fields = now_ms(), record.fields
    when = record.time_ms
    if clock.stamp_now:
        fields = {**fields, "ts": now}
    elif clock.shift_ms and isinstance(when, int):
        fields = {**fields, "ts": when + clock.shift_ms}
    sender.add(record.topic, record.key.encode(), orjson.dumps(fields), now, replayed=not clock.stamp_now)


class _Pace:
    """Computes when a record of a recorded time is due."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._began = time.monotonic()
        self._first_ms: int | None = None

    def wait_s(self, time_ms: int | None) -> float:
        """Seconds until then; 0 or less if it is due, or if its time is unknown."""
        if not self._speed or not isinstance(time_ms, int):
            return 0.0
        if self._first_ms is None:
            self._first_ms = time_ms
        return (time_ms - self._first_ms) / 1000 / self._speed - (time.monotonic() - self._began)
