"""The supply: simulated traffic into a shop's inputs, at a steady rate, counted."""

import asyncio
from collections.abc import Iterator
from itertools import islice

from liveprofile.streams.clock import now_ms
from liveprofile.streams.producers.sender import Sender
from liveprofile.streams.simulator.events import SimEvent
from liveprofile.streams.simulator.simulator import Simulator

TICK_S = 0.02
PATIENCE_S = 900.0
"""Longer than any fault keeps the broker away."""


class Supply:
    """Sends events of one simulated shop; several calls go on where the last one ended."""

    def __init__(self, bootstrap: str, topics: tuple[str, ...], prefix: str, seed: int, users: int) -> None:
        self.sent = 0
        self.rate = 0.0
        """Events a second of the traffic under way; 0 between."""
        self.clock_off_s: float | None = None
        """How far the producers' clocks are off; by None events have the simulated times."""
        self._bootstrap = bootstrap
        self._topics = topics
        self._prefix = prefix
        self._events: Iterator[SimEvent] = Simulator(seed, users, broken_share=0.002).events()

    async def send(self, count: int, rate: float = 0.0) -> None:
        """Send so many events, `rate` a second (0: as fast as the broker takes them), and wait until all are durable.

        The sender is idempotent and waits for a broker that is away: every event ends up in Kafka once.
        """
        loop = asyncio.get_running_loop()
        self.rate = rate
        async with Sender(self._bootstrap, self._topics, patience_s=PATIENCE_S) as sender:
            began, done = loop.time(), 0
            while done < count:
                due = min(count - done, int((loop.time() - began) * rate) - done if rate else 1_000)
                stamp, told = now_ms(), None
                if self.clock_off_s is not None:
                    stamp = told = stamp + round(self.clock_off_s * 1000)
                for event in islice(self._events, max(0, due)):
                    sender.add(self._prefix + event.topic, event.key, event.value(told), stamp, replayed=True)
                    done, self.sent = done + 1, self.sent + 1
                await sender.send(idle=bool(rate))
                await asyncio.sleep(TICK_S if rate else 0)
        self.rate = 0.0
