"""One simulated event: JSON that is complete except for its id and time."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

Step = tuple[int, str, bytes]
"""(milliseconds since the previous step, input topic, the record's JSON from its third field on)."""


@dataclass(frozen=True, slots=True)
class Label:
    """The label of an event that belongs to an injected anomaly."""

    anomaly_id: str
    kind: str
    """A key of `anomalies.PLANS`, or broken-record."""
    user: str
    """The user_id or anonymous_id of its records."""
    total: int
    """Number of all events of this anomaly."""
    words: str
    """Description of the anomaly, for people."""


class SimEvent(NamedTuple):
    """An event of the simulated shop."""

    topic: str
    key: bytes
    event_id: bytes
    body: bytes
    event_time_ms: int
    label: Label | None

    def value(self, time_ms: int | None = None) -> bytes:
        """The record's bytes; `time_ms` replaces the simulated time, to send it as a present event."""
        return b'{"event_id":"%b","ts":%d,%b' % (
            self.event_id,
            self.event_time_ms if time_ms is None else time_ms,
            self.body,
        )

    def record(self, time_ms: int | None = None) -> dict[str, Any]:
        """The record as a dictionary; JSONDecodeError for an intentionally broken record."""
        decoded: dict[str, Any] = orjson.loads(self.value(time_ms))
        return decoded
