"""Positions: how far the service is, and waiting until it is far enough, so that a caller reads their own event."""

import asyncio
import re
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple, Protocol

from liveprofile.streams.metrics.histogram import LATENCY_S, Histogram

MOST_POSITIONS = 128
"""As many as one request can write events, each to another partition."""
_POSITION = re.compile(r"([A-Za-z0-9._-]{1,249})/(\d{1,9})@(\d{1,18})(\+?)")


class Position(NamedTuple):
    """A record of Kafka: everything up to it is meant, and it too."""

    topic: str
    partition: int
    offset: int
    at_once: bool = False
    """Of an input: its records ask for the profile's snapshot at once (the header `read-back`); a plus tells it."""

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}@{self.offset}{'+' if self.at_once else ''}"


def positions_of(text: str) -> list[Position]:
    """Positions with commas between them. ValueError for another text.

    >>> [str(one) for one in positions_of("clicks/0@2262+, profiles/1@7")]
    ['clicks/0@2262+', 'profiles/1@7']
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    found = [_POSITION.fullmatch(part) for part in parts]
    if not parts or len(parts) > MOST_POSITIONS or None in found:
        raise ValueError(f"a position is TOPIC/PARTITION@OFFSET; at most {MOST_POSITIONS}, with commas between them")
    return [Position(one[1], int(one[2]), int(one[3]), bool(one[4])) for one in found if one]


Reached = Callable[[str, int], int | None]
"""The offset behind the last record of a partition that answers show; None for a topic of which it is unknown."""


class InputsReached(Protocol):
    """How far partitions of profiles have come with inputs."""

    def is_input(self, topic: str) -> bool:
        """Whether it is a topic that shops write to."""

    def reached(self, position: Position, numbers: Iterable[int]) -> int:
        """The offset behind the last record of an input of which these partitions of profiles have everything."""


class Waiting:
    """Those who wait for positions; woken whenever the follower has gone on."""

    def __init__(self, reached: Reached, inputs: InputsReached | None = None) -> None:
        self._reached, self._inputs = reached, inputs
        self.times = {"reached": Histogram(LATENCY_S), "given_up": Histogram(LATENCY_S)}
        """How long callers waited, by what came of it."""
        self._woken: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def unknown(self, positions: list[Position]) -> list[Position]:
        """Those of topics whose positions are not known here."""
        return [one for one in positions if self._reached_of(one, ()) is None]

    def short_of(self, positions: list[Position], numbers: Collection[int] = ()) -> list[Position]:
        """How far the service is, for those positions that it has not reached; inputs in the partitions `numbers`."""
        reached = [(one, self._reached_of(one, numbers) or 0) for one in positions]
        return [one._replace(offset=offset - 1) for one, offset in reached if offset <= one.offset]

    def _reached_of(self, one: Position, numbers: Collection[int]) -> int | None:
        if self._inputs is not None and self._inputs.is_input(one.topic):
            return self._inputs.reached(one, numbers)
        return self._reached(one.topic, one.partition)

    async def until(self, positions: list[Position], wait_s: float, numbers: Collection[int] = ()) -> list[Position]:
        """Wait for positions, at most so long; returns what `short_of` does then."""
        self._loop = asyncio.get_running_loop()
        began_s = self._loop.time()
        give_up_s = began_s + wait_s
        while short := self.short_of(positions, numbers):
            left_s = give_up_s - self._loop.time()
            if left_s <= 0:
                break
            woken = self._woken = self._woken or asyncio.Event()
            if not (short := self.short_of(positions, numbers)):
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
