"""Ranking metrics of the true next item: hit rate, NDCG and mean reciprocal rank."""

from functools import cached_property

import numpy as np
import numpy.typing as npt

from liveprofile.streams.backtest.figures.measure import Drawn, Weights
from liveprofile.streams.backtest.figures.users import Users
from liveprofile.streams.backtest.task.cases import Ranks

HITS = (3, 5, 10)
METRICS = (*(f"HR@{most}" for most in HITS), "NDCG@10", "MRR")


def gains(ranks: Ranks, items: int) -> npt.NDArray[np.float64]:
    """The value of each case for each of `METRICS` (n, metrics); a rank of `items` or more means not ranked.

    One item is relevant, so NDCG is 1 / log2(rank + 2), with ranks from 0 (Järvelin and Kekäläinen, TOIS 20, 2002).

    >>> gains(np.array([0, 3, 50]), 50).round(3).tolist()
    [[1.0, 1.0, 1.0, 1.0, 1.0], [0.0, 1.0, 1.0, 0.431, 0.25], [0.0, 0.0, 0.0, 0.0, 0.0]]
    """
    hits = [ranks < min(most, items) for most in HITS]
    discounted = np.where(ranks < min(10, items), 1 / np.log2(ranks + 2.0), 0.0)
    return np.stack([*hits, discounted, np.where(ranks < items, 1 / (ranks + 1.0), 0.0)], axis=1)


def rank_figures(ranks: Ranks, items: int) -> dict[str, float]:
    """Means over all cases of each of `METRICS`."""
    return _means(gains(ranks, items))


def _means(gained: npt.NDArray[np.float64]) -> dict[str, float]:
    return dict(zip(METRICS, gained.mean(axis=0).tolist(), strict=True))


class RankMeasure:
    """Metrics of one method's ranks: all are means over cases."""

    def __init__(self, users: Users, ranks: Ranks, items: int) -> None:
        self._gains = gains(np.asarray(ranks), items)
        self._sums, self._cases = users.sums(self._gains), users.cases()

    @cached_property
    def figures(self) -> dict[str, float]:
        """Means over all cases."""
        return _means(self._gains)

    def drawn(self, weights: Weights) -> Drawn:
        """Means over drawn users' cases."""
        drawn: Drawn = (weights @ self._sums) / (weights @ self._cases)[:, None]
        return drawn
