"""How far a stage is behind on one partition: in records, and in seconds by the broker's time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from liveprofile.streams.transport.record_batch import RecordBatch
from liveprofile.streams.transport.standing import Standing


class Queue(Protocol):
    """What is asked of a `PartitionQueue`."""

    @property
    def reached(self) -> int | None: ...
    @property
    def oldest(self) -> RecordBatch | None: ...


class Unprocessed(NamedTuple):
    """What is not processed of a partition."""

    records: int
    oldest_ms: int | None
    """The broker's time of its oldest record; None if it was not fetched, or there is none."""


def first_unprocessed(queue: Queue, standing: Standing) -> int | None:
    """The offset of the oldest record that is not processed, as far as that is known.

    What the consumer has given out and the queue has not got yet is not processed. Otherwise the consumer's position
    counts: it passes records that no stage gets, such as the markers of transactions.
    """
    oldest = queue.oldest
    if oldest is not None and oldest.records:
        return oldest.records[0].offset
    if queue.reached is not None and standing.delivered is not None and queue.reached < standing.delivered:
        return queue.reached
    return standing.fetched if standing.fetched is not None else queue.reached


def unprocessed_of(queue: Queue, standing: Standing, end: int | None = None) -> Unprocessed:
    """`end` is where the partition ended when that was asked for, if it was; the response to a fetch may be older."""
    position, oldest = first_unprocessed(queue, standing), queue.oldest
    ends = [one for one in (standing.end, end) if one is not None]
    oldest_ms = oldest.records[0].timestamp if oldest is not None and oldest.records else None
    if position is None or not ends:
        return Unprocessed(len(oldest.records) if oldest is not None else 0, oldest_ms)
    return Unprocessed(max(0, max(ends) - position), oldest_ms)


@dataclass(slots=True)
class LagClock:
    """Since when records of one partition wait that were not fetched: their own time is not known yet."""

    now_s: Callable[[], float] = time.time
    _position: int | None = None
    _since_s: float | None = None

    def seconds(self, lag: Unprocessed, position: int | None) -> float:
        """The age of the oldest record that is not processed; 0 if there is none.

        >>> now = iter([100.0, 103.0, 104.0, 105.0])
        >>> clock = LagClock(lambda: next(now))
        >>> clock.seconds(Unprocessed(2, 98_500), 7)
        1.5
        >>> clock.seconds(Unprocessed(2, None), 8), clock.seconds(Unprocessed(2, None), 8)
        (0.0, 1.0)
        >>> clock.seconds(Unprocessed(0, None), 10)
        0.0
        """
        now_s = self.now_s()
        if lag.oldest_ms is not None:
            self._since_s = None
            return max(0.0, now_s - lag.oldest_ms / 1000)
        if not lag.records:
            self._since_s = None
            return 0.0
        if self._since_s is None or position != self._position:
            self._since_s, self._position = now_s, position
        return now_s - self._since_s
