"""Lets an aiokafka client connect at a measured pace: by itself it tries again at once, and logs each attempt."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from liveprofile.streams.transport.private_hooks.of_aiokafka import connect_through, refresh_through
from liveprofile.streams.transport.reachability import BROKERS, Address, Reachability

BURST = 40
"""Refreshes of metadata that may follow each other at once: a start asks for each topic by itself."""
PER_S = 10.0
"""Refreshes a second after that, as of Kafka's own clients: a partition without a leader asks for one in each round."""


class Pace:
    """How fast something may be repeated: a burst, then a rate.

    >>> now = iter([0.0, 0.0, 0.0, 0.0])
    >>> pace = Pace(2, 10.0, lambda: next(now))
    >>> pace.wait_s(), pace.wait_s(), round(pace.wait_s(), 3)
    (0.0, 0.0, 0.1)
    """

    def __init__(self, burst: int, per_s: float, now_s: Callable[[], float] = time.monotonic) -> None:
        self._burst, self._per_s, self._now_s = burst, per_s, now_s
        self._left = float(burst)
        self._at_s = now_s()

    def wait_s(self) -> float:
        """Take one, and give how long to wait before it."""
        now_s = self._now_s()
        self._left = min(self._burst, self._left + (now_s - self._at_s) * self._per_s) - 1
        self._at_s = now_s
        return max(0.0, -self._left / self._per_s)


class ConnectionGate:
    """The gate before all connections of one client."""

    def __init__(self, client: Any, brokers: Reachability = BROKERS) -> None:
        """`client` is an aiokafka client; it may be started already."""
        self._client = client
        self._brokers = brokers
        self._given_up = False
        connect_through(client, self._ask, self._tell)
        refresh_through(client, Pace(BURST, PER_S).wait_s)

    @property
    def away(self) -> bool:
        """Whether no broker of the cluster answers, as far as attempts have told."""
        return self._brokers.absent(self._known())

    def was_away(self, within_s: float) -> bool:
        """Whether that is or was so in the last `within_s` seconds."""
        return self._brokers.absent(self._known(), within_s)

    def give_up(self) -> None:
        """Wait for no broker any more, so that the client can be closed; callable from any thread."""
        self._given_up = True

    def _known(self) -> set[Address]:
        return {(broker.host, broker.port) for broker in self._client.cluster.brokers()}

    async def _ask(self, address: Address) -> bool:
        return await self._brokers.turn(address, self._known() - {address}, lambda: self._given_up)

    def _tell(self, address: Address, answered: bool) -> None:
        others = self._known() - {address}
        self._brokers.tried(address, answered, bool(others) and not self._brokers.absent(others))
