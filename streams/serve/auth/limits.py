"""Limits by who asks: a bucket of requests for each, filled at a steady rate."""

import time
from collections.abc import Callable
from typing import NamedTuple


class Judged(NamedTuple):
    """What the limit says to one request."""

    allowed: bool
    remaining: int
    """Requests that are left at once."""
    reset_s: int
    """Seconds until the bucket is full; for a refused request, until the next one is allowed."""


class Limits:
    """Buckets by name.

    >>> now_s = iter([0.0, 0.0, 0.0, 0.0])
    >>> limits = Limits(2, now_s=lambda: next(now_s))
    >>> [limits.take("shop").allowed for _ in range(3)]
    [True, True, False]
    """

    def __init__(self, per_s: float, now_s: Callable[[], float] = time.monotonic) -> None:
        """`per_s` requests a second, and so many at once."""
        self.per_s = per_s
        self._now_s = now_s
        self._buckets: dict[str, tuple[float, float]] = {}

    @property
    def policy(self) -> str:
        """The value of the header RateLimit-Policy."""
        return f'"requests";q={self.per_s:.0f};w=1'

    def take(self, name: str) -> Judged:
        """One request of `name`."""
        now_s = self._now_s()
        left, at_s = self._buckets.get(name, (self.per_s, now_s))
        left = min(self.per_s, left + (now_s - at_s) * self.per_s)
        if left < 1:
            self._buckets[name] = (left, now_s)
            return Judged(False, 0, max(1, round((1 - left) / self.per_s)))
        self._buckets[name] = (left - 1, now_s)
        return Judged(True, int(left - 1), 1 if left - 1 < self.per_s else 0)
