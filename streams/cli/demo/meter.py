"""Counts, rates and latencies in bounded memory."""

import math
from collections import deque
from dataclasses import dataclass, field

_RATIO = 1.02
"""Latencies are counted in bins, each 2% wider than the previous one: the error of a quantile is at most 1%."""
_LEAST_MS = 0.1
_BINS = 1000


class Latencies:
    """Quantiles of all latencies seen, from counts in geometric bins.

    >>> latencies = Latencies()
    >>> for ms in range(1, 101):
    ...     latencies.add(ms)
    >>> round(latencies.quantile(0.5)), round(latencies.quantile(0.99))
    (50, 99)
    """

    def __init__(self) -> None:
        self._counts = [0] * _BINS
        self.total = 0

    def add(self, ms: float) -> None:
        """Count one latency; a negative one, from clock errors, counts as 0."""
        place = int(math.log(max(ms, _LEAST_MS) / _LEAST_MS, _RATIO))
        self._counts[min(place, _BINS - 1)] += 1
        self.total += 1

    def quantile(self, share: float) -> float | None:
        """The quantile `share` of all latencies in ms; None without any."""
        left = math.ceil(share * self.total)
        for place, count in enumerate(self._counts):
            left -= count
            if left <= 0 and self.total:
                return _LEAST_MS * math.pow(_RATIO, place + 0.5)
        return None


class Recent:
    """Exact latencies of the last seconds."""

    def __init__(self, window_s: float = 20.0, most: int = 5000) -> None:
        self._window_s = window_s
        self._seen: deque[tuple[float, float]] = deque(maxlen=most)

    def add(self, now_s: float, ms: float) -> None:
        """Add one latency."""
        self._seen.append((now_s, ms))

    def quantile(self, now_s: float, share: float) -> float | None:
        """The quantile `share` of the last seconds' latencies in ms."""
        while self._seen and self._seen[0][0] < now_s - self._window_s:
            self._seen.popleft()
        ranked = sorted(ms for _, ms in self._seen)
        return ranked[max(0, math.ceil(share * len(ranked)) - 1)] if ranked else None


class Rate:
    """Events per second from a growing total, over the last few seconds, with its history for a sparkline."""

    def __init__(self, window_s: float = 5.0, history: int = 60) -> None:
        self._window_s = window_s
        self._marks: deque[tuple[float, int]] = deque()
        self.history: deque[float] = deque(maxlen=history)
        self.total = 0

    def mark(self, now_s: float, total: int) -> None:
        """Add the total at this time."""
        if self._marks:
            before_s, before = self._marks[-1]
            if now_s > before_s:
                self.history.append((total - before) / (now_s - before_s))
        self._marks.append((now_s, total))
        self.total = total
        while len(self._marks) > 2 and self._marks[1][0] <= now_s - self._window_s:
            self._marks.popleft()

    @property
    def per_s(self) -> float:
        """Events per second over the window."""
        if len(self._marks) < 2:
            return 0.0
        (start_s, start), (end_s, end) = self._marks[0], self._marks[-1]
        return (end - start) / (end_s - start_s) if end_s > start_s else 0.0


@dataclass
class Meter:
    """All counters of the demo."""

    events_in: Rate = field(default_factory=Rate)
    facts_out: Rate = field(default_factory=Rate)
    worker_ms: Rate = field(default_factory=Rate)
    """Processor time of the worker since the demo began, in milliseconds."""
    latencies: Latencies = field(default_factory=Latencies)
    recent: Recent = field(default_factory=Recent)
    changes: int = 0
    anomalies: int = 0
    """Anomalies raised."""
    dead_letters: int = 0
    input_lag: int = 0
    """Input records that ingest has not committed."""
    activity_lag: int = 0
    """Activities that no checkpoint covers."""

    @property
    def cores(self) -> float:
        """How many cores the worker has kept busy in the last few seconds."""
        return self.worker_ms.per_s / 1000

    def latency(self, now_s: float, ms: float) -> None:
        """Count the latency of one change."""
        self.latencies.add(ms)
        self.recent.add(now_s, ms)
