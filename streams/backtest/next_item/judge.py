"""Collects the rank of the true next item for each method."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from liveprofile.streams.backtest.task.cases import BARRED, OPEN, Ranks


def rank_of(scores: npt.NDArray[np.floating], item: int) -> int:
    """The rank of an item by its score, from 0 on; a tie gets the middle rank.

    >>> rank_of(np.array([0.5, 0.9, 0.5, 0.5, 0.1]), 0)
    2
    """
    own = scores[item]
    return int(np.count_nonzero(scores > own) + np.count_nonzero(scores == own) // 2)


class Judge:
    """Ranks by method, open and barred."""

    def __init__(self, items: int) -> None:
        self._items = items
        self._ranks: defaultdict[str, dict[str, list[int]]] = defaultdict(lambda: {OPEN: [], BARRED: []})

    def see(self, method: str, scores: npt.NDArray[np.floating], item: int, history: Sequence[int]) -> None:
        """Add a method's scores for all items; `item` is the true next item."""
        ranks = self._ranks[method]
        ranks[OPEN].append(rank_of(scores, item))
        if item in history:
            ranks[BARRED].append(self._items)
        else:
            left = scores.copy()
            left[list(history)] = -np.inf
            ranks[BARRED].append(rank_of(left, item))

    def ranks(self, first: int, end: int | None = None) -> Mapping[str, Mapping[str, Ranks]]:
        """Method -> open or barred -> ranks of the cases from `first` to `end`."""
        return {
            method: {way: np.array(found[first:end], np.int64) for way, found in ways.items()}
            for method, ways in self._ranks.items()
        }
