"""Looking at profiles just before an activity is folded: test, then train."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.records.activity import OFFSET_BITS, Kind

Keys = Sequence[bytes | None]
Bools = npt.NDArray[np.bool_]


class Observer(Protocol):
    """Prequential evaluation: is shown the profile that an activity finds."""

    def wants(self, keys: Keys, heads: npt.NDArray[np.void]) -> Bools:
        """Before which activities (n,) to be shown the profile; asked once about each, in the order of the log."""

    def see(self, key: bytes, head: np.void, row: np.void | None) -> None:
        """An activity that is about to be folded, and its profile; None for somebody new. The row changes later."""


def cuts(keys: Keys, heads: npt.NDArray[np.void], wanted: Bools) -> Iterator[tuple[int, list[int]]]:
    """Where to cut a run so that wanted profiles can be seen: (end of a piece, what to look at before folding it).

    A profile may be looked at before the whole piece when nothing earlier in the piece moves it on: neither an activity
    of its own nor a tick, an adoption or an erasure.
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
    """The offset of the input record that an activity came from, in its partition."""
    return int(head["source"]) & (1 << OFFSET_BITS) - 1


def profile_now(fold: Fold, key: bytes) -> np.void | None:
    """The profile's row; None for somebody new."""
    try:
        return fold.table.row(key)
    except KeyError:
        return None
