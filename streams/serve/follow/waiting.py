"""Positions: how far the service is, and waiting until it is far enough, so that a caller reads their own event."""

import asyncio
import re
from collections.abc import Callable
from typing import NamedTuple

from liveprofile.streams.metrics.histogram import LATENCY_S, Histogram

MOST_POSITIONS = 16
_POSITION = re.compile(r"([A-Za-z0-9._-]{1,249})/(\d{1,9})@(\d{1,18})")


class Position(NamedTuple):
    """A record of Kafka: everything up to it is meant, and it too."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}@{self.offset}"


def positions_of(text: str) -> list[Position]:
    """Positions with commas between them. ValueError for another text.

    >>> positions_of("clicks/0@2262, profiles/1@7")
    [Position(topic='clicks', partition=0, offset=2262), Position(topic='profiles', partition=1, offset=7)]
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    found = [_POSITION.fullmatch(part) for part in parts]
    if not parts or len(parts) > MOST_POSITIONS or None in found:
        raise ValueError(f"a position is TOPIC/PARTITION@OFFSET; at most {MOST_POSITIONS}, with commas between them")
    return [Position(one[1], int(one[2]), int(one[3])) for one in found if one]


Reached = Callable[[str, int], int | None]
"""The offset behind the last record of a partition that answers show; None for a topic of which it is unknown."""


class Waiting:
    """Those who wait for positions; woken whenever the follower has gone on."""

    def __init__(self, reached: Reached) -> None:
        self._reached = reached
        self.times = {"reached": Histogram(LATENCY_S), "given_up": Histogram(LATENCY_S)}
        """How long callers waited, by what came of it."""
        self._woken: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def unknown(self, positions: list[Position]) -> list[Position]:
        """Those of topics whose positions are not known here."""
        return [one for one in positions if self._reached(one.topic, one.partition) is None]

    def short_of(self, positions: list[Position]) -> list[Position]:
        """How far the service is, for those positions that it has not reached."""
        reached = [(one, self._reached(one.topic, one.partition) or 0) for one in positions]
        return [one._replace(offset=offset - 1) for one, offset in reached if offset <= one.offset]

    async def until(self, positions: list[Position], wait_s: float) -> list[Position]:
        """Wait for positions, at most so long; returns what `short_of` does then."""
        self._loop = asyncio.get_running_loop()
        began_s = self._loop.time()
        give_up_s = began_s + wait_s
        while short := self.short_of(positions):
            left_s = give_up_s - self._loop.time()
            if left_s <= 0:
                break
            woken = self._woken = self._woken or asyncio.Event()
            if not (short := self.short_of(positions)):
                break
            try:
                await asyncio.wait_for(woken.wait(), left_s)
            except TimeoutError:
                continue
        self.times["given_up" if short else "reached"].add(self._loop.time() - began_s)
        return short

    def wake(self) -> None:
        """The follower has gone on; callable from its thread."""
        if self._woken is not None and self._loop is not None:
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        if self._woken is not None:
            self._woken.set()
            self._woken = None
