"""The cluster bootstrap: users are drawn with replacement, each with all its cases (Efron, Ann. Stat. 7, 1979)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from liveprofile.streams.backtest.figures.measure import Drawn, Measure, Weights

DRAWS = 1_000
LEVEL = 0.95
AT_ONCE = 2_000_000
"""Weights held at once: 16 MB."""


@dataclass(frozen=True, slots=True)
class Users:
    """The users of the cases."""

    place: npt.NDArray[np.int64]
    """Index of each case's user (n,), from 0 on."""
    count: int

    @classmethod
    def of(cls, names: npt.NDArray[Any]) -> "Users":
        """Users from the name of each case's user (n,)."""
        known, place = np.unique(names, return_inverse=True)
        return cls(place, len(known))

    def sums(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Sums over each user's cases: (n, metrics) -> (users, metrics)."""
        return np.stack([np.bincount(self.place, column, self.count) for column in values.T], axis=1)

    def cases(self) -> npt.NDArray[np.float64]:
        """Number of cases of each user (users,)."""
        return np.bincount(self.place, minlength=self.count).astype(float)

    def draws(self, seed: int, draws: int = DRAWS) -> Iterator[Weights]:
        """Blocks of draws, determined by the seed; `AT_ONCE` limits the size of a block."""
        random, left = np.random.default_rng(seed), draws
        block = max(1, AT_ONCE // self.count)
        while left > 0:
            size = min(block, left)
            chosen = (random.integers(0, self.count, self.count) for _ in range(size))
            yield np.stack([np.bincount(one, minlength=self.count) for one in chosen]).astype(float)
            left -= size


def redrawn(users: Users, measures: Mapping[str, Measure], seed: int, draws: int = DRAWS) -> dict[str, Drawn]:
    """All methods on the same draws, so that their differences are paired; NaN with fewer than two users."""
    if users.count < 2:
        return {name: np.full((1, len(one.figures)), np.nan) for name, one in measures.items()}
    blocks = [[one.drawn(weights) for one in measures.values()] for weights in users.draws(seed, draws)]
    return {name: np.concatenate([block[at] for block in blocks]) for at, name in enumerate(measures)}


def interval(values: npt.NDArray[np.float64], level: float = LEVEL) -> list[float] | None:
    """The percentile interval of drawn values; None if most draws are undefined.

    >>> interval(np.arange(1001.0))
    [25.0, 975.0]
    """
    known = values[np.isfinite(values)]
    if 2 * len(known) < len(values) or not len(known):
        return None
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return [round(float(low), 5), round(float(high), 5)]
