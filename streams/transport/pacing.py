"""Fuller fetches: under light load a consumer waits a little for company before it asks the broker again.

A fetch, and all that follows it until its results are durable, costs nearly the same for one record as for fifty. The
pause is between a response and the next request: what arrives meanwhile waits at the broker and comes with one
response, and what is there already is processed at once. In a backlog responses are large, and there is no pause.

What this process has written itself, and reads again, has had its wait: such a topic is asked for at once, alone. And
what nobody waits for is asked for only a few times a second. `Haste` says which topics these are.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from aiokafka.client import ConnectionGroup
from aiokafka.protocol.fetch import FetchRequest

from liveprofile.streams.transport.haste import Haste
from liveprofile.streams.transport.private_hooks.of_aiokafka import limited_to

FULL_BYTES = 64 * 1024
"""After a response of so many bytes the next request is sent at once: more is waiting."""
LEISURE_S = 0.25
"""Time between two fetches of what nobody waits for, seconds."""
THERE_ALREADY_MS = 5
"""How long a broker may wait for records that are durable: not at all, unless another request has got them."""


class Turn(NamedTuple):
    """A fetch that may be sent now."""

    topics: Collection[str]
    is_extra: bool = False
    """Whether it is between two others, for what was just written."""


@dataclass(slots=True)
class _Broker:
    """What is known of one broker."""

    not_before_s: float = 0.0
    leisure_not_before_s: float = 0.0
    """The same of topics that nobody waits for."""
    written: set[str] = field(default_factory=set)
    """Topics that this process has written since they were last asked for."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class FetchPace:
    """When the next fetch from each broker may be sent, and of which topics."""

    def __init__(
        self, pause_s: float, haste: Mapping[str, Haste] | None = None, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        """`pause_s` is the time from a response to the next request to the same broker, seconds; 0: no pace at all.

        `haste` says how soon the records of each topic are wanted.
        """
        self.haste = haste or {}
        self._pause_s, self._leisure_s, self._now_s = pause_s, LEISURE_S if pause_s else 0.0, now_s
        self._brokers: defaultdict[int, _Broker] = defaultdict(_Broker)

    def hurry(self, topics: Collection[str]) -> None:
        """Fetch from topics at once, because this process has written to them."""
        for broker in self._brokers.values():
            broker.written.update(topics)
            broker.changed.set()

    async def turn(self, node: int, topics: Collection[str]) -> Turn:
        """Wait until a fetch of some of these topics may be sent to a broker."""
        broker = self._brokers[node]
        prompt = {topic for topic in topics if not self._at_leisure(topic)}
        while True:
            not_before_s = broker.not_before_s if prompt else broker.leisure_not_before_s
            if (wait_s := not_before_s - self._now_s()) <= 0:
                broker.written.clear()
                is_leisure = broker.leisure_not_before_s <= self._now_s()
                return Turn(topics if is_leisure else prompt)
            written, broker.written = broker.written.intersection(topics), set()
            if written:
                return Turn(written, is_extra=True)
            broker.changed.clear()
            timer = asyncio.get_running_loop().call_later(wait_s, broker.changed.set)
            await broker.changed.wait()
            timer.cancel()

    def note(self, node: int, asked: Collection[str], found: Mapping[str, int]) -> None:
        """Note a broker's response to a fetch of the topics `asked`: the bytes of each topic that had records."""
        broker = self._brokers[node]
        broker.not_before_s = self._next_s(sum(found.values()), self._pause_s)
        if leisurely := [topic for topic in asked if self._at_leisure(topic)]:
            size = sum(found.get(topic, 0) for topic in leisurely)
            broker.leisure_not_before_s = self._next_s(size, self._leisure_s)
        broker.written.difference_update(found)

    def _next_s(self, size: int, pause_s: float) -> float:
        return 0.0 if size >= FULL_BYTES else self._now_s() + pause_s

    def _at_leisure(self, topic: str) -> bool:
        return self.haste.get(topic) is Haste.AT_LEISURE


def pace_fetches(client: Any, pace: FetchPace) -> None:
    """Have an aiokafka client send its fetches at a pace; all other requests go at once, heartbeats among them."""
    send = client.send

    async def paced_send(node: int, request: Any, *, group: ConnectionGroup = ConnectionGroup.DEFAULT) -> Any:
        if not isinstance(request, FetchRequest):
            return await send(node, request, group=group)
        turn = await pace.turn(node, [topic for topic, _ in request.topics])
        if turn.is_extra:
            return await send(node, limited_to(turn.topics, request, THERE_ALREADY_MS), group=group)
        response = await send(node, limited_to(turn.topics, request), group=group)
        pace.note(node, turn.topics, _record_bytes(response))
        return response

    client.send = paced_send


def _record_bytes(response: Any) -> dict[str, int]:
    """The bytes of records in a fetch response, of each topic that has any: the last field of each partition."""
    sizes = {topic: sum(len(one[-1] or b"") for one in partitions) for topic, partitions in response.topics}
    return {topic: size for topic, size in sizes.items() if size}
