"""Distribution of order totals in a partition: the prior for new shoppers. It changes only at ticks.

Orders are counted in a histogram. The next tick puts the median and spread of the histogram in force.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.numeric.exact import log2
from liveprofile.profiles.numeric.jit import compiled

BINS = 256
PER_OCTAVE = 4
LEAST_ORDERS = 50
"""Minimum number of orders before the histogram is used."""

Counts = npt.NDArray[np.int64]


@dataclass(slots=True)
class Population:
    """Location and spread of log2(order total in minor units), and the counts they are taken from."""

    location: float = 12.0
    """Median in force; 12, the initial value, is about 41 major units."""
    spread: float = 1.5
    """1.4826 times the median absolute deviation in force."""
    counts: Counts = field(default_factory=lambda: np.zeros(BINS, np.int64))

    def count(self, totals: Counts) -> None:
        """Count orders, totals in minor units."""
        _count(self.counts, totals)

    def refresh(self) -> None:
        """Put median and spread of the counts in force, if there are enough orders."""
        if self.counts.sum() < LEAST_ORDERS:
            return
        centres = (np.arange(BINS) + 0.5) / PER_OCTAVE
        self.location = _median(centres, self.counts)
        distance = np.abs(centres - self.location)
        order = np.argsort(distance, kind="stable")
        self.spread = max(1.4826 * _median(distance[order], self.counts[order]), 0.5)

    def to_state(self) -> dict[str, Any]:
        """The numbers as JSON values."""
        counts = {str(place): int(self.counts[place]) for place in np.flatnonzero(self.counts).tolist()}
        return {"location": self.location, "spread": self.spread, "counts": counts}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> "Population":
        """The population of `to_state`."""
        population = cls(location=state["location"], spread=state["spread"])
        for place, count in state["counts"].items():
            population.counts[int(place)] = count
        return population


@compiled
def _count(counts: Counts, totals: Counts) -> None:
    for total in totals:
        count_order(counts, total)


@compiled
def count_order(counts: Counts, total: int) -> None:
    """Count one order, its total in minor units."""
    place = int(log2(float(max(total, 1))) * PER_OCTAVE)
    counts[min(max(place, 0), BINS - 1)] += 1


def _median(values: npt.NDArray[np.float64], counts: Counts) -> float:
    """The value at which half of the counts, in the order of `values`, is reached."""
    return float(values[np.searchsorted(np.cumsum(counts), (counts.sum() + 1) // 2)])
