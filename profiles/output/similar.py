"""Finds the profiles most similar to a given one, by the directions of their interest vectors."""

from base64 import b64decode
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

LONG, SHORT = 0.6, 0.4
"""Weights of the long-term and the week's interests in the similarity."""


class Similar(msgspec.Struct, frozen=True):
    """A profile similar to the given one."""

    profile_id: str
    likeness: float
    """Cosine of the interests, weighted over two scales: 1 points the same way."""
    shared: list[str]
    """Topics that both have at the long scale, the largest of the given profile first."""


class Likeness:
    """Compares profiles one by one, and keeps the most similar ones; memory does not grow."""

    def __init__(self, profile: Mapping[str, Any], most: int = 10) -> None:
        """`profile` is a decoded snapshot. ValueError if it has no interests yet."""
        self._id = profile.get("profile_id")
        self._own = direction(profile)
        if not self._own.any():
            raise ValueError("the profile has no interests yet, so nobody can be like it")
        self._topics = _topics(profile)
        self._most = most
        self._best: list[Similar] = []

    def take(self, profiles: Iterable[Mapping[str, Any]]) -> None:
        """Compare decoded snapshots; of two snapshots of one profile the later one counts."""
        others = {str(one.get("profile_id")): one for one in profiles if one.get("profile_id") != self._id}
        known = {one.profile_id: one for one in self._best if one.profile_id not in others}
        for name, one in others.items():
            towards = direction(one)
            if towards.shape == self._own.shape and towards.any():
                shared = [topic for topic in self._topics if topic in _topics(one)]
                known[name] = Similar(name, round(float(self._own @ towards), 4), shared)
        self._best = sorted(known.values(), key=lambda one: (-one.likeness, one.profile_id))[: self._most]

    @property
    def best(self) -> list[Similar]:
        """The most similar first."""
        return self._best


def direction(profile: Mapping[str, Any]) -> npt.NDArray[np.float64]:
    """The interests of two scales as one vector of length 1 or less (2 d,), so that products are weighted cosines."""
    vectors = profile.get("vectors") or {}
    scales = [(LONG, vectors.get("long")), (SHORT, vectors.get("short"))]
    rows = [np.sqrt(share) * np.frombuffer(b64decode(one or ""), "<f2").astype(np.float64) for share, one in scales]
    return np.concatenate(rows)


def _topics(profile: Mapping[str, Any]) -> list[str]:
    return [str(one.get("topic")) for one in (profile.get("interests") or {}).get("long") or []]
