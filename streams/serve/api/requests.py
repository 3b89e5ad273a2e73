"""Counts the requests by route, method and class of the status, each with its time and the size of its answer."""

from __future__ import annotations

from collections.abc import Mapping

from liveprofile.streams.metrics.histogram import BYTES, HTTP_S, Histogram

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
AT_ONCE = 256
Key = tuple[str, str, int]
"""Route, method, and the first digit of the status."""


class Requests:
    """All requests since the start.

    A request is put aside, and counted with others: in the course of one answer the same work costs three times as
    much, because what it touches is in no cache.

    >>> requests = Requests()
    >>> requests.note("/v1/meta", "GET", 200, 0.0004, 900); requests.note("", "BREW", 404, 0.0001, 300)
    >>> {key: (seconds.count, sizes.sum) for key, (seconds, sizes) in requests.counted().items()}
    {('/v1/meta', 'GET', 2): (1, 900.0), ('other', 'other', 4): (1, 300.0)}
    """

    __slots__ = ("_aside", "_found")

    def __init__(self) -> None:
        """None yet."""
        self._aside: list[tuple[str, str, int, float, int]] = []
        self._found: dict[Key, tuple[Histogram, Histogram]] = {}

    def note(self, route: str, method: str, status: int, seconds: float, size: int) -> None:
        """One request. `route` has names for its parameters: of a path itself there are as many as callers think of."""
        aside = self._aside
        aside.append((route, method, status, seconds, size))
        if len(aside) >= AT_ONCE:
            self._count()

    def counted(self) -> Mapping[Key, tuple[Histogram, Histogram]]:
        """Times in seconds and sizes in bytes; their number is that of the requests."""
        self._count()
        return self._found

    def _count(self) -> None:
        for route, method, status, seconds, size in self._aside:
            key = route or "other", method if method in METHODS else "other", status // 100
            counted = self._found.get(key)
            if counted is None:
                counted = self._found[key] = Histogram(HTTP_S), Histogram(BYTES)
            counted[0].add(seconds)
            counted[1].add(size)
        self._aside.clear()
