"""Next-item baselines, learnt from the same stream: each scores all items by a user's history."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.items.index import ItemIndex

Scores = npt.NDArray[np.float64]

FADE = 0.7
"""Decay of an item per step back in the decayed means."""
NEAREST_SESSIONS = 100
MOST_SESSIONS = 1_000
"""Sessions that are compared: the newest ones that share an item."""


class Baselines:
    """Counts of the stream, and the scores of each baseline."""

    def __init__(self, index: ItemIndex) -> None:
        """`index` must have all items."""
        self._index = index
        self._count = np.zeros(len(index))
        self._had: defaultdict[str, dict[int, None]] = defaultdict(dict)
        self._users: defaultdict[int, dict[str, None]] = defaultdict(dict)
        self._both: defaultdict[int, Counter[int]] = defaultdict(Counter)

    def take(self, user: str, item: int) -> None:
        """Count an item of a user, by its position in the index."""
        self._count[item] += 1
        had = self._had[user]
        if item not in had:
            for other in had:
                self._both[item][other] += 1
                self._both[other][item] += 1
        had[item] = None
        self._users[item].pop(user, None)
        self._users[item][user] = None

    def scores(self, user: str, history: Sequence[int]) -> dict[str, Scores]:
        """Scores of all items for a user by the last items, the newest last."""
        newest_first = list(history)[::-1]
        fade = FADE ** np.arange(len(newest_first))
        cosines = self._index.vectors @ self._index.vectors[newest_first].T
        return {
            "popularity": self._count,
            "last item": cosines[:, 0],
            "decayed mean": cosines @ fade,
            "TF-IDF decayed mean": fade @ self._index.words.closeness(newest_first),
            "item-kNN": self._item_knn(newest_first),
            "session-kNN": self._session_knn(user, newest_first),
        }

    def _item_knn(self, items: Sequence[int]) -> Scores:
        """The sum of cosines of the items' buyers (Sarwar et al., WWW 2001)."""
        found = np.zeros(len(self._count))
        for item in dict.fromkeys(items):
            own = len(self._users[item])
            for other, both in self._both[item].items():
                found[other] += both / np.sqrt(own * len(self._users[other]))
        return found

    def _session_knn(self, user: str, items: Sequence[int]) -> Scores:
        """Items of the most similar users by the cosine of their items (Jannach and Ludewig, RecSys 2017)."""
        mine = set(items)
        shared: Counter[str] = Counter()
        for item in mine:
            shared.update(list(self._users[item])[-MOST_SESSIONS:])
        shared.pop(user, None)
        likeness = {other: both / np.sqrt(len(mine) * len(self._had[other])) for other, both in shared.items()}
        found = np.zeros(len(self._count))
        for other, alike in sorted(likeness.items(), key=lambda one: -one[1])[:NEAREST_SESSIONS]:
            found[list(self._had[other])] += alike
        return found
