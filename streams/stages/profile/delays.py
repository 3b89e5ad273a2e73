"""How long events take from the broker to a durable effect, measured once a batch."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from liveprofile.streams.contract.arrival import Arrival, arrival_of
from liveprofile.streams.metrics.histogram import LATENCY_S, Histogram
from liveprofile.streams.transport.record import Record

CONTROL = b"\x00"
"""Keys of control records begin with it, and no profile id does."""


@dataclass(slots=True)
class Delays:
    """Times from the arrival of an input record, in seconds, since the process started."""

    folded: Histogram = field(default_factory=lambda: Histogram(LATENCY_S))
    """Of each activity, until all that follows from it is durable."""
    said: Histogram = field(default_factory=lambda: Histogram(LATENCY_S))
    """Of each fact that an activity caused, until it is durable."""
    now_s: Callable[[], float] = time.time


class Arrivals:
    """When the activities of one partition had arrived, as far as the log has told."""

    def __init__(self, delays: Delays) -> None:
        self._delays = delays
        self._last_ms: int | None = None
        """Of the newest header before the present batch."""

    def count(self, batch: Sequence[Record], fact_offsets: Sequence[int]) -> None:
        """Count a batch whose facts are durable now. `fact_offsets` are the log's offsets of what caused them."""
        told = [(record.offset, found) for record in batch if record.headers and (found := arrival_of(record.headers))]
        now_ms = self._delays.now_s() * 1000
        for _, arrival in told:
            self._delays.folded.add(_seconds(now_ms, arrival.time_ms), arrival.activities)
        if fact_offsets:
            self._count_facts(batch, told, fact_offsets, now_ms)
        if told:
            self._last_ms = told[-1][1].time_ms

    def _count_facts(
        self, batch: Sequence[Record], told: list[tuple[int, Arrival]], fact_offsets: Sequence[int], now_ms: float
    ) -> None:
        """Those of one header together."""
        offsets = [offset for offset, _ in told]
        facts = Counter([bisect_right(offsets, offset) for offset in _of_events(batch, fact_offsets)])
        for behind, count in facts.items():
            arrived_ms = told[behind - 1][1].time_ms if behind else self._last_ms
            if arrived_ms is not None:
                self._delays.said.add(_seconds(now_ms, arrived_ms), count)


def _of_events(batch: Sequence[Record], offsets: Sequence[int]) -> list[int]:
    """Without those of control records: time, a model or an erasure caused these facts, and no event."""
    first, last = batch[0].offset, batch[-1].offset
    if last - first == len(batch) - 1:
        return [offset for offset in offsets if not (batch[offset - first].key or b"").startswith(CONTROL)]
    control = {record.offset for record in batch if (record.key or b"").startswith(CONTROL)}
    return [offset for offset in offsets if offset not in control]


def _seconds(now_ms: float, then_ms: int) -> float:
    """Not below 0: the broker's clock may be ahead of this machine's."""
    return max(0.0, now_ms - then_ms) / 1000
