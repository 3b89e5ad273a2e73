"""The injected anomalies of a simulated shop, collected from its events."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from liveprofile.streams.simulator.events import SimEvent


@dataclass(slots=True)
class InjectedAnomaly:
    """One injected anomaly: kind, user, and first and last event time (epoch milliseconds)."""

    kind: str
    user: str
    """The user_id or anonymous_id of its records."""
    first_ms: int
    last_ms: int
    events: int = 0


def noting(events: Iterable[SimEvent], injected: dict[str, InjectedAnomaly]) -> Iterator[SimEvent]:
    """The unchanged events; injected anomalies among them are collected by id. Broken records do not count."""
    for event in events:
        label = event.label
        if label is not None and label.user:
            known = injected.setdefault(
                label.anomaly_id, InjectedAnomaly(label.kind, label.user, event.event_time_ms, event.event_time_ms)
            )
            known.last_ms, known.events = event.event_time_ms, known.events + 1
        yield event
