"""Events at planned times, and the time from each plan to the change that the event caused.

Arrival is fixed: the n-th event is due n / rate seconds after the first, whatever happens before. A latency counts from
the planned time, so an event that could not be sent in time counts its wait as well (no coordinated omission). A change
names its event in the header `ce_causationid`; changes by time alone name a place instead, and are left out.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from aiokafka import AIOKafkaConsumer, ConsumerRecord

from liveprofile.streams.producers.sender import Sender
from liveprofile.streams.simulator.events import SimEvent

TICK_S = 0.001
"""How often the sender looks what is due."""
LOOK_S = 0.05
MOST_AT_ONCE = 500
"""Records that are noted before the sender gets its turn."""

Change = tuple[bytes, float]
"""The event id of a change's cause, and when the change was read, epoch seconds."""


@dataclass
class Plan:
    """When each event was due, epoch seconds, by event id; and how late each was given to the producer."""

    due: dict[bytes, float] = field(default_factory=dict)
    late_ms: list[float] = field(default_factory=list)


def due_times(rate: float, seconds: float, start: float) -> list[float]:
    """The planned times of all events of `seconds` at `rate` events/s, from `start` on.

    >>> due_times(4, 0.75, 100.0)
    [100.0, 100.25, 100.5]
    """
    return [start + number / rate for number in range(round(rate * seconds))]


def latencies_ms(due: Mapping[bytes, float], changes: Sequence[Change], since: float, until: float) -> list[float]:
    """Milliseconds from plan to change, of events that were due from `since` to before `until`.

    An event that causes several changes counts with each.

    >>> latencies_ms({b"e1": 10.0, b"e2": 11.0}, [(b"e1", 10.5), (b"e2", 11.25), (b"timer", 11.5)], 10.75, 12.0)
    [250.0]
    """
    return [(at - due[cause]) * 1000 for cause, at in changes if cause in due and since <= due[cause] < until]


def percentiles(values: Sequence[float], *, of: Sequence[int] = (50, 99)) -> dict[str, float | None]:
    """Percentiles in milliseconds, interpolated; None without a value.

    >>> percentiles([10.0, 20.0, 30.0])
    {'p50_ms': 20.0, 'p99_ms': 29.8}
    >>> percentiles([])
    {'p50_ms': None, 'p99_ms': None}
    """
    return {f"p{one}_ms": round(float(np.percentile(values, one)), 1) if len(values) else None for one in of}


async def send_at_fixed_arrival(sender: Sender, events: Sequence[SimEvent], times: Sequence[float], plan: Plan) -> None:
    """Give the sender each event when it is due, with the planned time as the event's own, and send it at once."""
    at = 0
    while at < len(times):
        now = time.time()
        while at < len(times) and times[at] <= now:
            event, due = events[at], times[at]
            plan.due[event.event_id] = due
            plan.late_ms.append((now - due) * 1000)
            sender.add(event.topic, event.key, event.value(int(due * 1000)), int(now * 1000))
            at += 1
        await sender.send(idle=True)
        await asyncio.sleep(TICK_S)


class Follower:
    """An asynchronous context manager that reads topics as records come, and gives each to `take`."""

    def __init__(self, bootstrap: str, topics: Sequence[str], *, from_start: bool = False) -> None:
        """`from_start` reads what is on the topics already, too."""
        self._from_start = from_start
        self._consumer = AIOKafkaConsumer(
            *topics, bootstrap_servers=bootstrap, auto_offset_reset="earliest", fetch_max_wait_ms=100
        )
        self._task: asyncio.Task[None] | None = None

    def take(self, record: ConsumerRecord, now: float) -> None:
        """Note a record that was read at `now`, epoch seconds."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        if not self._from_start:
            await self._consumer.seek_to_end()
        self._task = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._consumer.stop()

    async def _follow(self) -> None:
        while True:
            fetched = await self._consumer.getmany(timeout_ms=1_000, max_records=MOST_AT_ONCE)
            now = time.time()
            for record in (record for records in fetched.values() for record in records):
                self.take(record, now)


class Watcher(Follower):
    """Notes every change as it comes, but those by time alone."""

    def __init__(self, bootstrap: str, topics: Sequence[str], *, from_start: bool = False) -> None:
        super().__init__(bootstrap, topics, from_start=from_start)
        self.changes: list[Change] = []

    def take(self, record: ConsumerRecord, now: float) -> None:
        cause = dict(record.headers)["ce_causationid"]
        if b"/" not in cause:
            self.changes.append((cause, now))

    async def until(
        self, reached: Callable[[Sequence[Change]], bool], alive: Callable[[], None], at_most_s: float = 900.0
    ) -> None:
        """Wait until `reached` says so of the changes that are new to it; `alive` raises when there is no use in it.

        TimeoutError after `at_most_s`.
        """
        seen = 0
        async with asyncio.timeout(at_most_s):
            while True:
                new, seen = self.changes[seen:], len(self.changes)
                if reached(new):
                    return
                alive()
                await asyncio.sleep(LOOK_S)

    async def quiet(self, seconds: float, at_most_s: float) -> bool:
        """Wait until no change has come for `seconds`; False if that did not happen within `at_most_s`."""
        end, known, since = time.monotonic() + at_most_s, -1, time.monotonic()
        while time.monotonic() < end:
            if len(self.changes) != known:
                known, since = len(self.changes), time.monotonic()
            if time.monotonic() - since >= seconds:
                return True
            await asyncio.sleep(LOOK_S)
        return False
