"""The trouble that was planted into a simulated shop, gathered from its events as they pass."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from liveprofile.streams.simulator.events import SimEvent


@dataclass(slots=True)
class InjectedAnomaly:
    """One planted anomaly: whose, of which kind, and from when to when (epoch milliseconds)."""

    kind: str
    user: str
    """The user_id or anonymous_id that the records carry."""
    first_ms: int
    last_ms: int
    events: int = 0


def noting(events: Iterable[SimEvent], injected: dict[str, InjectedAnomaly]) -> Iterator[SimEvent]:
    """The events as they are; trouble among them is noted by its id. Records broken on purpose are none."""
    for event in events:
        label = event.label
        if label is not None and label.user:
            known = injected.setdefault(
                label.anomaly_id, InjectedAnomaly(label.kind, label.user, event.event_time_ms, event.event_time_ms)
            )
            known.last_ms, known.events = event.event_time_ms, known.events + 1
        yield event
