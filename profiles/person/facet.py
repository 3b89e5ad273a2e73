"""A facet: an identifier's own row, seen from the person that it belongs to."""

from dataclasses import dataclass

import numpy as np

from liveprofile.profiles.numeric.exact import remaining
from liveprofile.profiles.state.row import Row

HALF_LIVES = 4
"""Session, short, long and burst, in the order of `Rules.decay_half_life_s`."""


@dataclass(frozen=True, eq=False)
class Facet:
    """One identifier of a person: what decides between equals, its row, and the ledger of its orders."""

    key: str
    """The identifier's pseudonym, by which facets are sorted."""
    strength: int
    """That of its type."""
    row: Row
    ledger: Row


@dataclass(frozen=True, eq=False)
class Aligned:
    """Facets in the order of their keys, with the share of each that is left at the newest one's time."""

    facets: tuple[Facet, ...]
    rows: tuple[Row, ...]
    keep: np.ndarray[tuple[int, int], np.dtype[np.float64]]
    """(facets, HALF_LIVES)"""
    newest: int
    """Place of the facet that was seen last; of several, the last one in the order."""

    @property
    def seen_ms(self) -> int:
        """The reference time of the composition."""
        return int(self.rows[self.newest]["seen_ms"])


def align(facets: tuple[Facet, ...], half_lives_s: tuple[float, ...]) -> Aligned:
    """Sort facets by key, and compute what is left of each at the newest `seen_ms`."""
    ordered = tuple(sorted(facets, key=lambda facet: facet.key))
    rows = tuple(facet.row for facet in ordered)
    newest = max(range(len(rows)), key=lambda at: (int(rows[at]["seen_ms"]), at))
    seen_ms = int(rows[newest]["seen_ms"])
    keep = [[remaining(seen_ms - int(row["seen_ms"]), half_life) for half_life in half_lives_s] for row in rows]
    return Aligned(ordered, rows, np.array(keep), newest)
