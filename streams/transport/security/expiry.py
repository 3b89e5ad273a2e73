"""When the credentials of this process end, and how often connections were given newer ones; what the metrics read."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

REAUTHENTICATED, RECONNECTED, FAILED = "reauthenticated", "reconnected", "failed"
"""A live connection authenticated again; it was replaced by a new one; neither succeeded."""


class Expiry:
    """The ends of credentials by name, and counters of renewals. Safe to use from several threads.

    >>> expiry = Expiry(now_s=lambda: 1000.0)
    >>> expiry.ends("access token", 1060.0), expiry.ends("certificate", 5000.0)
    (None, None)
    >>> expiry.expires_at, expiry.expires_s
    (1060.0, 60.0)
    >>> expiry.count(REAUTHENTICATED)
    >>> expiry.renewals
    {'reauthenticated': 1, 'reconnected': 0, 'failed': 0}
    """

    def __init__(self, now_s: Callable[[], float] = time.time) -> None:
        """`now_s` gives the time in seconds since 1970."""
        self._now_s = now_s
        self._ends: dict[str, float] = {}
        self._renewals = dict.fromkeys((REAUTHENTICATED, RECONNECTED, FAILED), 0)
        self._lock = threading.Lock()

    @property
    def expires_at(self) -> float | None:
        """When the earliest credential ends, in seconds since 1970; None without one that ends."""
        with self._lock:
            return min(self._ends.values(), default=None)

    @property
    def expires_s(self) -> float | None:
        """`kafka_auth_expires_seconds`: seconds until then, negative afterwards."""
        ends = self.expires_at
        return None if ends is None else ends - self._now_s()

    @property
    def renewals(self) -> dict[str, int]:
        """`kafka_reauth_total`: how often each of the outcomes has come."""
        with self._lock:
            return dict(self._renewals)

    def ends(self, name: str, at: float) -> None:
        """Note when a credential ends; a later call for the same name replaces it."""
        with self._lock:
            self._ends[name] = at

    def count(self, outcome: str) -> None:
        """Count a renewal."""
        with self._lock:
            self._renewals[outcome] += 1


EXPIRY = Expiry()
"""That of this process."""
