"""ADWIN, the adaptive window: it detects a change of a mean and drops the values before the change.

River's ADWIN can be saved only as a pickle; this one can be saved as JSON, and its first detection comes at the same
example as River's. Detections shortly after another one are the same change: see `Drift`.
"""

import math
from typing import Any

DELTA = 0.002
"""Probability of a false detection."""
MOST_OF_A_SIZE = 5
CHECK_EVERY = 32
LEAST_WINDOW, LEAST_HALF = 10, 5


class Adwin:
    """A window as an exponential histogram, cut where two halves differ (Bifet and Gavalda, SDM 2007).

    >>> adwin = Adwin()
    >>> [at for at in range(2000) if adwin.add(float(at >= 1000))][:1]
    [1023]
    """

    def __init__(self, delta: float = DELTA) -> None:
        self._delta = delta
        self._rows: list[list[list[float]]] = [[]]
        """Per power of two, the buckets of that many values: sum and sum of squared deviations, the oldest first."""
        self._seen = self._count = 0
        self._total = 0.0

    @property
    def mean(self) -> float:
        """Mean of the window; 0 for an empty one."""
        return self._total / self._count if self._count else 0.0

    def add(self, value: float) -> bool:
        """Add a value; returns whether the mean has changed, which is checked every 32 values."""
        self._seen += 1
        self._count, self._total = self._count + 1, self._total + value
        self._rows[0].append([value, 0.0])
        self._join()
        return self._seen % CHECK_EVERY == 0 and self._cut()

    def _join(self) -> None:
        """Merge the two oldest buckets of a size if there are too many of that size."""
        for level, row in enumerate(self._rows):
            if len(row) <= MOST_OF_A_SIZE:
                return
            (a, deviation), (b, other) = row[:2]
            del row[:2]
            size = float(2**level)
            if level + 1 == len(self._rows):
                self._rows.append([])
            self._rows[level + 1].append([a + b, deviation + other + (a / size - b / size) ** 2 * size / 2])

    def _whole(self) -> tuple[float, float, float]:
        """Count, sum and squared deviations of the window."""
        count = total = deviation = 0.0
        for size, one, squares in self._oldest_first():
            if count:
                deviation += (total / count - one / size) ** 2 * count * size / (count + size)
            count, total, deviation = count + size, total + one, deviation + squares
        return count, total, deviation

    def _oldest_first(self) -> list[tuple[float, float, float]]:
        found = []
        for level in range(len(self._rows) - 1, -1, -1):
            found += [(float(2**level), total, squares) for total, squares in self._rows[level]]
        return found

    def _cut(self) -> bool:
        """Drop the oldest buckets while the two sides of some cut differ; returns whether any was dropped."""
        changed = False
        while self._differs():
            changed = True
            last = len(self._rows) - 1
            self._total -= self._rows[last].pop(0)[0]
            self._count -= 2**last
            while len(self._rows) > 1 and not self._rows[-1]:
                self._rows.pop()
        return changed

    def _differs(self) -> bool:
        count, total, deviation = self._whole()
        if count <= LEAST_WINDOW:
            return False
        variance, evidence = deviation / count, math.log(2.0 * math.log(count) / self._delta)
        before = older = 0.0
        for size, one, _ in self._oldest_first()[:-1]:
            before, older = before + size, older + one
            after = count - before
            if after < LEAST_HALF + 1:
                return False
            if before >= LEAST_HALF + 1:
                share = 1.0 / (before - LEAST_HALF + 1) + 1.0 / (after - LEAST_HALF + 1)
                bound = math.sqrt(2.0 * share * variance * evidence) + 2.0 / 3.0 * share * evidence
                if abs(older / before - (total - older) / after) > bound:
                    return True
        return False

    def snapshot(self) -> list[Any]:
        """The window."""
        return [self._seen, self._count, self._total, [[list(bucket) for bucket in row] for row in self._rows]]

    def restore(self, state: Any) -> None:
        """Go on from a snapshot."""
        self._seen, self._count, self._total, rows = state
        self._rows = [[list(bucket) for bucket in row] for row in rows]


class Drift:
    """Drift detection on a mean, and a faster learning rate for some time after it.

    >>> drift = Drift()
    >>> [found for found in (drift.add(float(at >= 1000)) for at in range(2000)) if found]
    [(0.0225, 0.4286)]
    """

    LASTS = 500
    """Values after a detection during which learning is faster and no other detection is reported."""
    FASTER = 4.0

    def __init__(self) -> None:
        self._adwin = Adwin()
        self._left = 0

    @property
    def faster(self) -> float:
        """The present factor of the learning rate."""
        return self.FASTER if self._left else 1.0

    def add(self, value: float) -> tuple[float, float] | None:
        """Add a value; returns the rounded mean before and after if a change is reported."""
        before = self._adwin.mean
        changed = self._adwin.add(value)
        reported = changed and not self._left
        self._left = self.LASTS if reported else max(self._left - 1, 0)
        return (round(before, 4), round(self._adwin.mean, 4)) if reported else None

    def snapshot(self) -> dict[str, Any]:
        """The window, and for how many values learning stays faster."""
        return {"window": self._adwin.snapshot(), "left": self._left}

    def restore(self, state: Any) -> None:
        """Go on from a snapshot."""
        self._adwin.restore(state["window"])
        self._left = state["left"]
