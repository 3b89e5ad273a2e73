"""The items that can be recommended: their records in the store, their index in memory."""

import threading
from collections.abc import Mapping
from typing import Any

from liveprofile.profiles.items.index import ItemIndex
from liveprofile.profiles.items.recommend import Recommendation, recommend
from liveprofile.streams.serve.store.database import Database, Writes
from liveprofile.streams.serve.store.keys import Kind

MOST_WAITING = 20_000
"""Records that wait for the index at most: it takes them when it is asked, or when there are so many."""


class Catalogue:
    """Takes records from the follower's thread, and recommends in the thread of a request."""

    def __init__(self, database: Database, half_life_s: float) -> None:
        """The index is built at the first question: a service that is never asked has none."""
        self._database, self._half_life_s = database, half_life_s
        self._index: ItemIndex | None = None
        self._items: list[bytes] = []
        self._neighbours: list[bytes] = []
        self._lock = threading.Lock()
        self._is_stale = False

    def put(self, kind: Kind, key: bytes, value: bytes | None, writes: Writes) -> None:
        """A record of `items` (Kind.ITEM) or of `item-neighbours`; None removes it."""
        if value is None:
            writes.delete(kind.value + key)
            self._is_stale = True
            return
        writes.put(kind.value + key, value)
        if self._index is not None:
            waiting = self._items if kind is Kind.ITEM else self._neighbours
            waiting.append(value)
            if len(waiting) > MOST_WAITING:
                self._is_stale = True

    def recommend(self, profile: Mapping[str, Any], most: int, *, again: bool) -> list[Recommendation]:
        """The best items for a decoded snapshot; empty where no item is known. Takes milliseconds: not for a loop."""
        with self._lock:
            return recommend(profile, self._fresh(), most, again=again)

    def _all(self, kind: Kind) -> list[bytes]:
        return [value for _, value in self._database.scan(kind.value)]

    def _fresh(self) -> ItemIndex:
        """The index with all that arrived; made anew where items have left."""
        if self._index is None or self._is_stale:
            self._is_stale = False
            self._items, self._neighbours = [], []
            self._index = ItemIndex(self._all(Kind.ITEM), self._all(Kind.NEIGHBOURS), self._half_life_s)
        items, self._items = self._items, []
        neighbours, self._neighbours = self._neighbours, []
        self._index.take(items, neighbours)
        return self._index
