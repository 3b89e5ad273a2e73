"""How long a supervisor waits before it starts a process again that has ended: longer each time, until one lives."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_S = 0.1
"""A process that is back within its session keeps its partitions: the first restart is at once."""
SECOND_S = 1.0
LONGEST_S = 30.0
LONG_LIFE_S = 60.0
"""A process that lived for so long has begun well: the next wait is the first again."""


@dataclass(slots=True)
class BackOff:
    """The waits of one place.

    >>> waits = BackOff()
    >>> [waits.next_s(lived_s=2.0) for _ in range(8)]
    [0.1, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    >>> waits.next_s(lived_s=61.0)
    0.1
    """

    _ended: int = 0

    def next_s(self, lived_s: float) -> float:
        """Seconds to wait after a process that lived for `lived_s` seconds."""
        self._ended = 0 if lived_s >= LONG_LIFE_S else self._ended
        wait_s = FIRST_S if not self._ended else min(LONGEST_S, SECOND_S * 2 ** (self._ended - 1))
        self._ended += 1
        return wait_s
