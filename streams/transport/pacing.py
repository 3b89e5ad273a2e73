"""Fuller fetches: under light load a consumer waits a little for company before it asks the broker again.

A fetch, and all that follows it until its results are durable, costs nearly the same for one record as for fifty. The
pause is between a response and the next request: what arrives meanwhile waits at the broker and comes with one
response, and what is there already is processed at once. In a backlog responses are large, and there is no pause.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from aiokafka.client import ConnectionGroup
from aiokafka.protocol.fetch import FetchRequest

FULL_BYTES = 64 * 1024
"""After a response of so many bytes the next request is sent at once: more is waiting."""


class FetchPace:
    """When the next fetch from each broker may be sent."""

    def __init__(self, pause_s: float, now_s: Callable[[], float] = time.monotonic) -> None:
        """`pause_s` is the time from a response to the next request to the same broker, seconds; 0: none.

        >>> now = [10.0]
        >>> pace = FetchPace(0.01, lambda: now[0])
        >>> pace.wait_s(1), pace.note(1, 300), round(pace.wait_s(1), 3), pace.note(1, 1 << 20), pace.wait_s(1)
        (0.0, None, 0.01, None, 0.0)
        """
        self._pause_s, self._now_s = pause_s, now_s
        self._not_before_s: defaultdict[int, float] = defaultdict(float)

    def wait_s(self, node: int) -> float:
        """How long a request to a broker has to wait."""
        return max(0.0, self._not_before_s[node] - self._now_s())

    def note(self, node: int, response_bytes: int) -> None:
        """Note the size of a broker's response."""
        self._not_before_s[node] = 0.0 if response_bytes >= FULL_BYTES else self._now_s() + self._pause_s


def pace_fetches(client: Any, pace: FetchPace) -> None:
    """Have an aiokafka client send its fetches at a pace; all other requests go at once, heartbeats among them."""
    send = client.send

    async def paced_send(node: int, request: Any, *, group: ConnectionGroup = ConnectionGroup.DEFAULT) -> Any:
        if not isinstance(request, FetchRequest):
            return await send(node, request, group=group)
        if (wait_s := pace.wait_s(node)) > 0:
            await asyncio.sleep(wait_s)
        response = await send(node, request, group=group)
        pace.note(node, _record_bytes(response))
        return response

    client.send = paced_send


def _record_bytes(response: Any) -> int:
    """The bytes of records in a fetch response: the last field of each partition."""
    return sum(len(partition[-1] or b"") for _, partitions in response.topics for partition in partitions)
