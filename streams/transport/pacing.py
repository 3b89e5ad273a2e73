"""Fuller fetches: under light load a consumer waits a little for company before it asks the broker again.

A fetch, and all that follows it until its results are durable, costs nearly the same for one record as for fifty. The
pause is between a response and the next request: what arrives meanwhile waits at the broker and comes with one
response, and what is there already is processed at once. In a backlog responses are large, and there is no pause.

What this process has written itself, and reads again, has had its wait: such a topic is asked for at once, alone.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from aiokafka.client import ConnectionGroup
from aiokafka.protocol.fetch import FetchRequest

from liveprofile.streams.transport.private_hooks.of_aiokafka import limited_to

FULL_BYTES = 64 * 1024
"""After a response of so many bytes the next request is sent at once: more is waiting."""
THERE_ALREADY_MS = 5
"""How long a broker may wait for records that are durable: not at all, unless another request has got them."""


@dataclass(slots=True)
class _Broker:
    """What is known of one broker."""

    not_before_s: float = 0.0
    written: set[str] = field(default_factory=set)
    """Topics that this process has written since they were last asked for."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class FetchPace:
    """When the next fetch from each broker may be sent, and of which topics."""

    def __init__(self, pause_s: float, now_s: Callable[[], float] = time.monotonic) -> None:
        """`pause_s` is the time from a response to the next request to the same broker, seconds; 0: none."""
        self._pause_s, self._now_s = pause_s, now_s
        self._brokers: defaultdict[int, _Broker] = defaultdict(_Broker)

    def hurry(self, topic: str) -> None:
        """Fetch from a topic at once, because this process has written to it."""
        for broker in self._brokers.values():
            broker.written.add(topic)
            broker.changed.set()

    async def turn(self, node: int) -> Collection[str] | None:
        """Wait until a fetch from a broker may be sent; returns the topics that it is limited to, None for no limit."""
        broker = self._brokers[node]
        while (wait_s := broker.not_before_s - self._now_s()) > 0 and not broker.written:
            broker.changed.clear()
            timer = asyncio.get_running_loop().call_later(wait_s, broker.changed.set)
            await broker.changed.wait()
            timer.cancel()
        written, broker.written = broker.written, set()
        return written if wait_s > 0 else None

    def note(self, node: int, response_bytes: int, topics: Collection[str] = ()) -> None:
        """Note the size of a broker's response to a fetch without limit, and the topics that had records."""
        broker = self._brokers[node]
        broker.not_before_s = 0.0 if response_bytes >= FULL_BYTES else self._now_s() + self._pause_s
        broker.written.difference_update(topics)


def pace_fetches(client: Any, pace: FetchPace) -> None:
    """Have an aiokafka client send its fetches at a pace; all other requests go at once, heartbeats among them."""
    send = client.send

    async def paced_send(node: int, request: Any, *, group: ConnectionGroup = ConnectionGroup.DEFAULT) -> Any:
        if not isinstance(request, FetchRequest):
            return await send(node, request, group=group)
        while (topics := await pace.turn(node)) is not None:
            part = limited_to(topics, request, THERE_ALREADY_MS)
            if part.topics:
                return await send(node, part, group=group)
        response = await send(node, request, group=group)
        sizes = _record_bytes(response)
        pace.note(node, sum(sizes.values()), sizes)
        return response

    client.send = paced_send


def _record_bytes(response: Any) -> dict[str, int]:
    """The bytes of records in a fetch response, of each topic that has any: the last field of each partition."""
    sizes = {topic: sum(len(one[-1] or b"") for one in partitions) for topic, partitions in response.topics}
    return {topic: size for topic, size in sizes.items() if size}
