"""The directions of all interests in one matrix, to find the most similar shoppers by one product."""

import threading
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from liveprofile.profiles.output.similar import Likeness, direction
from liveprofile.streams.serve.store.store import Store

SCALE = 127.0
BLOCK = 16_384
"""Rows that are multiplied at once: as floats they are four times as large."""
CANDIDATES = 4
"""Times as many profiles are compared exactly as are asked for: the matrix is rounded to eight bits."""


class Directions:
    """Made at the first question, and brought up to date at each: a service that is never asked has none.

    Memory is 192 bytes a profile; above `most_profiles` it is not made.
    """

    def __init__(self, store: Store, most_profiles: int) -> None:
        self._store, self.most_profiles = store, most_profiles
        self._matrix: npt.NDArray[np.int8] | None = None
        self._lock = threading.Lock()

    def nearest(self, profile: Mapping[str, Any], most: int) -> list[Any]:
        """The most similar profiles, the nearest first. ValueError for a profile without interests.

        It takes milliseconds, the first time seconds: not for an event loop.
        """
        likeness = Likeness(profile, most)
        with self._lock:
            matrix = self._fresh(direction(profile).size)
            own = direction(profile).astype(np.float32)
            parts = [matrix[at : at + BLOCK].astype(np.float32) @ own for at in range(0, len(matrix), BLOCK)]
            scores = np.concatenate([*parts, np.zeros(0, np.float32)])
        count = min(len(scores), CANDIDATES * most + 1)
        places = np.argpartition(-scores, count - 1)[:count] if count else np.zeros(0, np.int64)
        ids = [self._store.profiles.ids.id_at(int(place)) for place in places if scores[place] > 0]
        found = self._store.snapshots(ids)
        likeness.take(orjson.loads(one.value) for one in found if one is not None)
        return likeness.best

    def _fresh(self, size: int) -> npt.NDArray[np.int8]:
        profiles = self._store.profiles
        if self._matrix is None or self._matrix.shape[1] != size:
            profiles.changed = set()
            self._matrix = np.zeros((profiles.ids.places, size), np.int8)
            for profile_id, stored in self._store.every_snapshot():
                self._put(profiles.ids.find(profile_id), stored.value)
            return self._matrix
        changed = profiles.changed
        while changed:  # one by one: the follower adds to it meanwhile
            place = changed.pop()
            found = self._store.snapshot(profiles.ids.id_at(place))
            self._put(place, found.value if found is not None else None)
        return self._matrix

    def _put(self, place: int, value: bytes | None) -> None:
        assert self._matrix is not None
        if place < 0:
            return
        if place >= len(self._matrix):
            more = np.zeros((max(place + 1, 2 * len(self._matrix)) - len(self._matrix), self._matrix.shape[1]), np.int8)
            self._matrix = np.concatenate([self._matrix, more])
        row = direction(orjson.loads(value)) if value is not None else np.zeros(0)
        fits = row.size == self._matrix.shape[1]
        self._matrix[place] = np.rint(row * SCALE).astype(np.int8) if fits else 0
