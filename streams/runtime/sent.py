"""What an outbox has sent: how long each topic took, and what may not have arrived."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from liveprofile.streams.metrics.histogram import LATENCY_S, Histogram
from liveprofile.streams.runtime.stage import Write


@dataclass(slots=True)
class Sent:
    """Counts since the process started; bumped once for all that is sent together."""

    seconds: defaultdict[str, Histogram] = field(default_factory=lambda: defaultdict(lambda: Histogram(LATENCY_S)))
    """By topic."""
    errors: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By topic and error: fenced, timeout, kafka."""

    def arrived(self, writes: Sequence[Write], seconds: float) -> None:
        """Count writes that are durable."""
        for topic in {write.topic for write in writes}:
            self.seconds[topic].add(seconds)

    def failed(self, writes: Sequence[Write], error: str) -> None:
        """Count writes that may not be in Kafka."""
        for topic in {write.topic for write in writes}:
            self.errors[topic, error] += 1
