"""Observation of profiles just before an activity is folded: test, then train."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.records.activity import OFFSET_BITS, Kind

Keys = Sequence[bytes | None]
Bools = npt.NDArray[np.bool_]


class Observer(Protocol):
    """Prequential evaluation: an observer sees the profile just before an activity is folded."""

    def wants(self, keys: Keys, heads: npt.NDArray[np.void]) -> Bools:
        """Whether to show the profile before each activity (n,); called once for each, in the order of the log."""

    def see(self, key: bytes, head: np.void, row: np.void | None) -> None:
        """Observe an activity before its fold, with its profile; None for a new one. The row changes later."""


def cuts(keys: Keys, heads: npt.NDArray[np.void], wanted: Bools) -> Iterator[tuple[int, list[int]]]:
    """Cuts of a batch so that wanted profiles can be observed: (end of a piece, activities to show before its fold).

    A profile can be shown before the whole piece if nothing earlier in the piece changes it: no activity of its own,
    no tick, no adoption and no erasure.
    """
    moved: set[bytes | None] = set()
    shown: list[int] = []
    start, controls = 0, (heads["kind"] != Kind.EVENT).tolist()
    anything = False
    for at, (key, wants, control) in enumerate(zip(keys, wanted.tolist(), controls, strict=True)):
        if wants and (anything or key in moved):
            yield at, shown
            start, shown, anything = at, [], False
            moved.clear()
        if wants:
            shown.append(at)
        moved.add(key)
        anything = anything or control
    if start < len(keys):
        yield len(keys), shown


def record_of(head: np.void) -> int:
    """The offset of an activity's input record in its partition."""
    return int(head["source"]) & (1 << OFFSET_BITS) - 1


def profile_now(fold: Fold, key: bytes) -> np.void | None:
    """The profile's row; None for a new profile."""
    try:
        return fold.table.row(key)
    except KeyError:
        return None
