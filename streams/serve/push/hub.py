"""The hub: gives each new fact to all clients of the stream, and lets a client that was away read on from Kafka."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiokafka import TopicPartition

from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.serve.follow.apply import Fact
from liveprofile.streams.serve.push.frames import HEARTBEAT, RETRY, frame, packed
from liveprofile.streams.serve.push.replay import Behind, replayed
from liveprofile.streams.serve.push.wanted import Wanted
from liveprofile.streams.transport.connection import Bootstrap

if TYPE_CHECKING:
    from liveprofile.streams.serve.follow.follower import Follower

MOST_BYTES = 1 << 20
"""Bytes that may wait for a client: one that does not take them is closed, and comes back with its last id."""
HEARTBEAT_S = 15.0
REPLAYS_AT_ONCE = 4
LOOK_S = 5.0
"""Time between two looks whether a client may still have the stream."""


@dataclass(slots=True)
class Tally:
    """What the hub counts."""

    frames: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("change", "anomaly", "live", "reset"), 0))
    """Frames that were sent, by event."""
    closed: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("left", "slow", "gone", "auth"), 0))
    """Clients that are gone, by reason."""
    replays: int = 0


@dataclass(slots=True, eq=False)
class _Client:
    """The facts that wait for a client."""

    waiting: deque[Fact] = field(default_factory=deque)
    size: int = 0
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    closed: str = ""
    """Why it is closed; empty while it is not."""

    def take(self, facts: list[Fact]) -> None:
        self.waiting.extend(facts)
        self.size += sum(len(one.value) for one in facts)
        if self.size > MOST_BYTES:
            self.close("slow")
        self.woken.set()

    def close(self, why: str) -> None:
        self.closed = why
        self.waiting.clear()
        self.woken.set()


class Hub:
    """Clients of the stream."""

    def __init__(self, topics: Topics, bootstrap: Bootstrap, most_clients: int) -> None:
        self._topics = (topics.profile_changes, topics.profile_anomalies)
        self._bootstrap, self.most_clients = bootstrap, most_clients
        self._clients: set[_Client] = set()
        self.tally = Tally()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._follower: Follower | None = None
        self._replays = asyncio.Semaphore(REPLAYS_AT_ONCE)
        self._at: dict[TopicPartition, int] = {}
        """The offset behind the last fact that clients were given, by partition."""
        self._stopped = False

    @property
    def changes_topic(self) -> str:
        """The topic of changes."""
        return self._topics[0]

    def start(self, loop: asyncio.AbstractEventLoop, follower: Follower) -> None:
        """Clients are woken in this loop."""
        self._loop, self._follower = loop, follower

    def stop(self) -> None:
        """Close all clients: they come back to another replica, or later."""
        self._stopped = True
        for client in self._clients:
            client.close("gone")

    @property
    def clients(self) -> int:
        """How many there are."""
        return len(self._clients)

    @property
    def is_full(self) -> bool:
        """Whether no further client is taken."""
        return len(self._clients) >= self.most_clients

    @property
    def places(self) -> list[TopicPartition]:
        """The partitions of an id, in its order."""
        positions = self._follower.positions if self._follower else {}
        return sorted(place for place in positions if place.topic in self._topics)

    def take(self, facts: list[Fact]) -> None:
        """New facts, from the follower's thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._give, facts)

    def _give(self, facts: list[Fact]) -> None:
        for one in facts:
            self._at[TopicPartition(one.topic, one.partition)] = one.offset + 1
        for client in list(self._clients):
            client.take(facts)

    async def stream(
        self,
        wanted: Wanted,
        offsets: list[int] | None,
        most_per_s: float | None,
        still: Callable[[], bool] = lambda: True,
    ) -> AsyncIterator[bytes]:
        """The frames for a client: what it missed since `offsets`, then what happens, until it is closed.

        That is so, too, within seconds of `still` being false.
        """
        client, places = _Client(), self.places
        start = [self._at.get(place, self._follower.positions[place] if self._follower else 0) for place in places]
        self._clients.add(client)
        pace = _Pace(most_per_s)
        try:
            yield RETRY
            at = dict(zip(places, start if offsets is None else offsets, strict=True))
            if offsets is not None:
                self.tally.replays += 1
                async with self._replays:
                    behind = Behind(at, dict(zip(places, start, strict=True)))
                    async for one in replayed(self._bootstrap, behind):
                        if isinstance(one, Fact):
                            if (out := self._frame(one, wanted, at, places, pace)) is not None:
                                yield out
                        else:
                            self.tally.frames["reset"] += 1
                            yield frame("reset", packed([one[place] for place in places]), b"{}")
                            at.update(one)
            self.tally.frames["live"] += 1
            yield frame("live", packed([at[place] for place in places]), b"{}")
            look_s = beat_s = time.monotonic()
            while not client.closed:
                now_s = time.monotonic()
                if now_s >= look_s:
                    look_s = now_s + LOOK_S
                    if not still():
                        client.close("auth")
                while client.waiting and not client.closed:
                    fact = client.waiting.popleft()
                    client.size -= len(fact.value)
                    if (out := self._frame(fact, wanted, at, places, pace)) is not None:
                        yield out
                client.woken.clear()
                if client.waiting or client.closed:
                    continue
                try:
                    await asyncio.wait_for(client.woken.wait(), LOOK_S)
                except TimeoutError:
                    if time.monotonic() - beat_s >= HEARTBEAT_S:
                        beat_s = time.monotonic()
                        yield HEARTBEAT
        finally:
            self._clients.discard(client)
            self.tally.closed[client.closed or "left"] += 1

    def _frame(
        self, fact: Fact, wanted: Wanted, at: dict[TopicPartition, int], places: list[TopicPartition], pace: _Pace
    ) -> bytes | None:
        """The frame of a fact; None for one that was delivered, is not wanted, or is above the rate."""
        place = TopicPartition(fact.topic, fact.partition)
        if fact.offset < at.get(place, 0):
            return None
        at[place] = fact.offset + 1
        if (seen := wanted.seen(fact)) is None or not pace.allows():
            return None
        kind, value = seen
        self.tally.frames[kind] += 1
        if missed := pace.not_shown():
            value = value[:-1] + b',"not_shown":%d}' % missed
        return frame(kind, packed([at[one] for one in places]), value)


class _Pace:
    """Lets so many frames a second through, and counts the others."""

    def __init__(self, per_s: float | None) -> None:
        self._per_s = per_s
        self._next_s = 0.0
        self._missed = 0

    def allows(self) -> bool:
        """Whether the next frame is sent; it is counted otherwise."""
        if self._per_s is None:
            return True
        now_s = time.monotonic()
        if now_s < self._next_s:
            self._missed += 1
            return False
        self._next_s = max(self._next_s, now_s - 1 / self._per_s) + 1 / self._per_s
        return True

    def not_shown(self) -> int:
        """Frames that were not sent since the last one."""
        missed, self._missed = self._missed, 0
        return missed
