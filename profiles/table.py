"""The table: all profiles of one partition as rows of a growing array, found by key."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from profiles.row import Rows, decode_rows, encode_rows, keep_newer, make_blank, row_dtype


class Table:
    """Rows by profile id, and which of them were touched since they were last taken."""

    def __init__(self, dims: int, capacity: int = 1024) -> None:
        self.dims = dims
        self.keys: list[bytes] = []
        self.rows: Rows = np.zeros(capacity, dtype=row_dtype(dims))
        """Beyond the last profile all zeros, which costs no memory until a profile is written there."""
        self._place: dict[bytes, int] = {}
        self.touched = np.zeros(capacity, dtype=bool)
        """Which rows were changed since `take_touched`; whoever changes a row says so here."""

    def __len__(self) -> int:
        return len(self.keys)

    def row(self, key: bytes) -> np.void:
        """A profile. KeyError where it is not known."""
        found: np.void = self.rows[self._place[key]]
        return found

    def places(self, keys: Sequence[bytes]) -> npt.NDArray[np.int64]:
        """The rows of profiles (n,), making blank ones for those that are new."""
        known, found, before = self._place, [], len(self.keys)
        for key in keys:
            row = known.get(key)
            if row is None:
                row = known[key] = len(self.keys)
                self.keys.append(key)
            found.append(row)
        self._grow(before, len(self.keys))
        make_blank(self.rows[before : len(self.keys)])
        return np.array(found, dtype=np.int64)

    def take_touched(self) -> list[tuple[bytes, bytes]]:
        """Key and state record of every profile touched since the last call."""
        places = np.flatnonzero(self.touched)
        self.touched[places] = False
        records = encode_rows(self.rows[places], self.dims)
        return [(self.keys[place], record) for place, record in zip(places.tolist(), records, strict=True)]

    def restore(self, items: Sequence[tuple[bytes, bytes]]) -> None:
        """Load state records over rows that have applied no more than they. ValueError for a foreign layout."""
        if items:
            keys, values = zip(*items, strict=True)
            loaded = decode_rows(values, self.dims)
            places = self.places(keys)
            keep_newer(self.rows, places, loaded)

    def remove(self, key: bytes) -> None:
        """Forget a profile, if it is known. The last row takes its place."""
        place = self._place.pop(key, None)
        if place is None:
            return
        moved, last = self.keys.pop(), len(self.keys)
        if place != last:
            self.keys[place], self._place[moved] = moved, place
            self.rows[place], self.touched[place] = self.rows[last], self.touched[last]
        self.rows[last], self.touched[last] = np.zeros((), self.rows.dtype), False

    def reserve(self, count: int) -> None:
        """Make room for `count` profiles at once: growing bit by bit copies every row twice over."""
        if count > len(self.rows):
            self._resize(len(self.keys), count)

    def _grow(self, used: int, count: int) -> None:
        """Double the room until `count` rows fit, `used` of which hold profiles."""
        capacity = len(self.rows)
        if count > capacity:
            self._resize(used, max(count, capacity * 2))

    def _resize(self, used: int, grown: int) -> None:
        rows, touched = np.zeros(grown, self.rows.dtype), np.zeros(grown, dtype=bool)
        rows[:used].view(np.uint8)[:] = self.rows[:used].view(np.uint8)  # field by field takes thirty times as long
        touched[:used] = self.touched[:used]
        self.rows, self.touched = rows, touched
