"""One simulated event: almost finished JSON, which lacks only its id and its time."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

Step = tuple[int, str, bytes]
"""(milliseconds since the step before, input topic, the record's JSON from its third field on)."""


@dataclass(frozen=True, slots=True)
class Label:
    """The truth about an event that belongs to planted trouble."""

    anomaly_id: str
    kind: str
    """A key of `anomalies.PLANS`, or broken-record."""
    user: str
    """The user_id or anonymous_id that the records carry."""
    total: int
    """Events of this anomaly when all have been sent."""
    words: str
    """What was planted, for a person."""


class SimEvent(NamedTuple):
    """An event of the simulated shop."""

    topic: str
    key: bytes
    event_id: bytes
    body: bytes
    event_time_ms: int
    label: Label | None

    def value(self, time_ms: int | None = None) -> bytes:
        """The record's bytes; `time_ms` replaces the simulated time, for sending it as if it happened now."""
        return b'{"event_id":"%b","ts":%d,%b' % (
            self.event_id,
            self.event_time_ms if time_ms is None else time_ms,
            self.body,
        )

    def record(self, time_ms: int | None = None) -> dict[str, Any]:
        """The record as a dictionary; JSONDecodeError for a record that was broken on purpose."""
        decoded: dict[str, Any] = orjson.loads(self.value(time_ms))
        return decoded
