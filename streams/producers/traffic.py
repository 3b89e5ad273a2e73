"""Sends a simulated shop's events at a rate, with the present time or their simulated time."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from liveprofile.streams.clock import now_ms
from liveprofile.streams.producers.sender import Sender
from liveprofile.streams.simulator.events import SimEvent
from liveprofile.streams.simulator.labels import LabelBook

TOPICS = ("clicks", "searches", "purchases", "reviews", "feedback", "declarations")
TICK_S = 0.005
CHUNK = 1_000
_MOST_BEHIND_S = 1.0


@dataclass
class Progress:
    """Progress of the traffic; `seconds` is wall time since the first event."""

    sent: int = 0
    seconds: float = 0.0
    injected: dict[str, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Events per second so far."""
        return self.sent / self.seconds if self.seconds else 0.0


async def run(
    events: Iterator[SimEvent],
    sender: Sender,
    labels: LabelBook,
    *,
    rate: float,
    live: bool,
    stop: Callable[[Progress], bool],
    seconds: float | None = None,
) -> Progress:
    """Send events until they end, `seconds` of wall time have passed, or `stop` returns true; called once per tick.

    Args:
        rate: events per second; 0 is as fast as Kafka takes them.
        live: stamp each record with the wall clock at sending, not with its simulated time.
    """
    progress = Progress(injected=labels.injected)
    pace = _Pace(rate)
    while not stop(progress) and (seconds is None or progress.seconds < seconds):
        due = pace.due(progress.sent)
        chunk = _fill(islice(events, due), sender, labels, live)
        progress.sent += chunk
        progress.seconds = pace.seconds()
        if chunk < due:
            break
        await sender.send(idle=bool(rate))
        await asyncio.sleep(TICK_S if rate and due < CHUNK else 0)
    return progress


def _fill(events: Iterator[SimEvent], sender: Sender, labels: LabelBook, live: bool) -> int:
    """Add events to the sender's batches; returns their number."""
    sent = 0
    for event in events:
        now = now_ms()
        sender.add(event.topic, event.key, event.value(now if live else None), now, replayed=not live)
        if event.label is not None:
            labels.note(event, now if live else event.event_time_ms)
        sent += 1
    return sent


class _Pace:
    """Computes how many events are due. A delay beyond a second is not caught up, to spare a stalled broker."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.began = self.since = time.monotonic()

    def seconds(self) -> float:
        """Wall time since the beginning."""
        return time.monotonic() - self.began

    def due(self, sent: int) -> int:
        """Number of events to send now, at most a chunk."""
        if not self.rate:
            return CHUNK
        now = time.monotonic()
        behind = (now - self.since) * self.rate - sent
        if behind > self.rate * _MOST_BEHIND_S:
            self.since = now - sent / self.rate
            behind = 0.0
        return min(CHUNK, int(behind))
