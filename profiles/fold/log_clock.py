"""The clock of a log: the time of its ticks, or event time while past events are replayed into the log.

Ticks carry the broker's time. Events recorded long ago carry their own time. If ticks fired timers up to today between
two such events, every profile would repeatedly become absent and return. So the clock of a log with past events is the
time of the newest event, until no past event has arrived for an hour.

Past events are a replay if they go on from the newest event that the log has seen, and are more than one. What a device
sends long after its time does not go on from there, and a single old event is no replay: the clock does not stop.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

PAST_MS = 24 * 3_600_000
"""An event this far behind the next tick is a past event."""
QUIET_MS = 3_600_000
"""Time of ticks without past events after which ticks count again."""
LEAST_EVENTS = 2
"""Past events from which on they are a replay, until an event that is not past, or an hour of ticks without any."""


@dataclass(slots=True)
class LogClock:
    """Computed only from the events and ticks of a partition, epoch milliseconds."""

    newest_ms: int = 0
    """Time of the newest event since the last tick; 0 for none."""
    past_ms: int = 0
    """Newest time of the past events being replayed; 0 if none are."""
    until_ms: int = 0
    """Tick time up to which past event time counts."""
    reached_ms: int = 0
    """Time of the newest event before the last tick."""
    past_events: int = 0
    """Events that went on from `reached_ms`, until an event that is not past, or an hour of ticks without any."""

    def see(self, times_ms: npt.NDArray[np.int64]) -> None:
        """Observe the times of events (n,)."""
        if len(times_ms):
            self.note(int(times_ms.max()), int((times_ms > self.reached_ms).sum()))

    def note(self, newest_ms: int, later: int) -> None:
        """Observe events by the time of the newest one, and the number of those after `reached_ms`."""
        self.newest_ms = max(self.newest_ms, newest_ms)
        self.past_events += later

    def at(self, tick_ms: int) -> int:
        """The time of the log at a tick or an adoption with the time `tick_ms`.

        >>> time = LogClock()
        >>> time.see(np.array([500, 1_000]))
        >>> time.at(2_000), time.at(10**12), time.see(np.array([4_000, 5_000])), time.at(10**12)
        (2000, 1000000000000, None, 5000)
        >>> time.at(10**12 + QUIET_MS), time.see(np.array([4_500])), time.at(10**12 + QUIET_MS)
        (1000003600000, None, 1000003600000)
        """
        newest, self.newest_ms = self.newest_ms, 0
        goes_on = newest > self.reached_ms
        self.reached_ms = max(self.reached_ms, newest)
        if newest and newest < tick_ms - PAST_MS:
            self.until_ms = tick_ms + QUIET_MS
            if self.past_ms or (goes_on and self.past_events >= LEAST_EVENTS):
                self.past_ms = max(self.past_ms, newest)
        elif newest or tick_ms >= self.until_ms:
            self.past_ms = self.past_events = 0
        return self.past_ms or tick_ms

    def to_state(self) -> list[int]:
        """The numbers as JSON values."""
        return [self.newest_ms, self.past_ms, self.until_ms, self.reached_ms, self.past_events]

    @classmethod
    def from_state(cls, state: list[Any]) -> "LogClock":
        """The clock of `to_state`; of earlier versions, which had the first three numbers."""
        return cls(*map(int, state))
