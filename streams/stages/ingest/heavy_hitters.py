"""Finds ids with an unlikely share of all events, such as a test's, a crawler's, or a placeholder that no list knows.

The counts of the most frequent ids are kept in bounded memory: when there are too many, the median is taken from all,
and what is left of none is forgotten (Misra and Gries 1982; Anderson et al., "A High-Performance Algorithm for
Identifying Frequent Items in Data Streams", IMC 2017). A count is too low by at most 2/ENTRIES of all events.
"""

from typing import NamedTuple

ENTRIES = 2048
"""Ids that are counted at once."""
WINDOW_MS = 600_000
"""Shares are of the events that arrived in ten minutes."""
FEWEST = 1_000
"""An id with fewer events in a window is never named: small shops have few shoppers."""


class Heavy(NamedTuple):
    """An id with an unlikely share."""

    profile_id: str
    events: int
    """At least so many in the window so far."""
    share: float


class HeavyHitters:
    """Names each id once a window, when its share reaches a limit."""

    def __init__(self, share: float, entries: int = ENTRIES) -> None:
        """`share` is the least one that is named, 0 to 1; 1 or more names none."""
        self._share = share
        self._entries = entries
        self._counts: dict[bytes, int] = {}
        self._named: set[bytes] = set()
        self._total = 0
        self._until_ms = 0

    def __len__(self) -> int:
        return len(self._counts)

    def note(self, profile_id: bytes, arrival_ms: int) -> Heavy | None:
        """Count one event; the id, if its share has just reached the limit."""
        if arrival_ms >= self._until_ms:
            self._counts.clear()
            self._named.clear()
            self._total, self._until_ms = 0, arrival_ms + WINDOW_MS
        self._total += 1
        count = self._counts[profile_id] = self._counts.get(profile_id, 0) + 1
        if count >= FEWEST and count >= self._share * self._total and profile_id not in self._named:
            self._named.add(profile_id)
            return Heavy(profile_id.decode("ascii"), count, count / self._total)
        if len(self._counts) > self._entries:
            self._forget()
        return None

    def _forget(self) -> None:
        median = sorted(self._counts.values())[len(self._counts) // 2]
        self._counts = {key: count - median for key, count in self._counts.items() if count > median}
