"""The clock of a log: the time of its ticks, or event time while past events are replayed into the log.

Ticks carry the broker's time. Events recorded long ago carry their own time. If ticks fired timers up to today between
two such events, every profile would repeatedly become absent and return. So the clock of a log with past events is the
time of the newest event, until no past event has arrived for an hour.
"""

from dataclasses import dataclass
from typing import Any

PAST_MS = 24 * 3_600_000
"""An event this far behind the next tick is a past event."""
QUIET_MS = 3_600_000
"""Time of ticks without past events after which ticks count again."""


@dataclass(slots=True)
class LogClock:
    """Computed only from the events and ticks of a partition, epoch milliseconds."""

    newest_ms: int = 0
    """Time of the newest event since the last tick; 0 for none."""
    past_ms: int = 0
    """Newest time of the past events being replayed; 0 if none are."""
    until_ms: int = 0
    """Tick time up to which past event time counts."""

    def see(self, newest_ms: int) -> None:
        """Observe the time of events."""
        self.newest_ms = max(self.newest_ms, newest_ms)

    def at(self, tick_ms: int) -> int:
        """The time of the log at a tick or an adoption with the time `tick_ms`.

        >>> time = LogClock()
        >>> time.see(1_000)
        >>> time.at(2_000), time.at(10**12), time.see(5_000), time.at(10**12), time.at(10**12 + QUIET_MS)
        (2000, 1000000000000, None, 5000, 1000003600000)
        """
        newest, self.newest_ms = self.newest_ms, 0
        if newest and newest < tick_ms - PAST_MS:
            self.past_ms, self.until_ms = max(self.past_ms, newest), tick_ms + QUIET_MS
        elif newest or tick_ms >= self.until_ms:
            self.past_ms = 0
        return self.past_ms or tick_ms

    def to_state(self) -> list[int]:
        """The numbers as JSON values."""
        return [self.newest_ms, self.past_ms, self.until_ms]

    @classmethod
    def from_state(cls, state: list[Any]) -> "LogClock":
        """The clock of `to_state`."""
        return cls(*map(int, state))
