"""What is usual for all shoppers of a partition: the prior for those who are new. It changes only at ticks.

Orders are counted in a histogram, which is order-free; the median and spread taken from it are in force from the next
tick on, so that a fold in batches sees the same numbers as one record at a time.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from profiles.exact import log2

BINS = 256
PER_OCTAVE = 4


@dataclass(slots=True)
class Population:
    """Location and spread of log2(order total in minor units), and the counts they are taken from."""

    location: float = 12.0
    """Median in force; 12 is about 41 major units, until there are orders to count."""
    spread: float = 1.5
    """1.4826 times the median absolute deviation in force."""
    counts: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(BINS, np.int64))

    def count(self, totals: npt.NDArray[np.int64]) -> None:
        """Count orders, totals in minor units."""
        bins = (log2(np.maximum(totals, 1).astype(np.float64)) * PER_OCTAVE).astype(np.int64)
        self.counts += np.bincount(np.clip(bins, 0, BINS - 1), minlength=BINS)

    def refresh(self, least_orders: int = 50) -> None:
        """Take median and spread from the counts, if there are enough of them."""
        if self.counts.sum() < least_orders:
            return
        centres = (np.arange(BINS) + 0.5) / PER_OCTAVE
        self.location = _median(centres, self.counts)
        distance = np.abs(centres - self.location)
        order = np.argsort(distance, kind="stable")
        self.spread = max(1.4826 * _median(distance[order], self.counts[order]), 0.5)

    def to_state(self) -> dict[str, Any]:
        """The numbers as JSON values."""
        used = np.flatnonzero(self.counts)
        counts = {str(bin_): int(self.counts[bin_]) for bin_ in used}
        return {"location": self.location, "spread": self.spread, "counts": counts}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "Population":
        """The population of `to_state`."""
        population = cls(location=state["location"], spread=state["spread"])
        for bin_, count in state["counts"].items():
            population.counts[int(bin_)] = count
        return population


def _median(values: npt.NDArray[np.float64], counts: npt.NDArray[np.int64]) -> float:
    """The value at which half of the counts, in the order of `values`, is reached."""
    return float(values[np.searchsorted(np.cumsum(counts), (counts.sum() + 1) // 2)])
