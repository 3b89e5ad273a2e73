"""The table: all profiles of one partition as rows of a growing array, found by key.

With a store, the table is a window over more profiles than memory holds. The rows of a batch that are not in memory are
fetched in one call; `evict` frees places. A row stays in memory while the store lacks its last change; the other rows
are evicted in the order of their last use. The due time of an evicted profile is kept, and brings the profile back.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.state.codec import decode_rows, encode_rows, keep_newer
from liveprofile.profiles.state.cold_store import ColdStore
from liveprofile.profiles.state.due_index import NEVER, DueIndex
from liveprofile.profiles.state.row import Rows, blank_rows, make_blank, row_dtype

Places = npt.NDArray[np.int64]

FREE = -1
"""Time of last use of a place without a profile."""
MOST_AT_ONCE = 20_000
"""Maximum number of profiles that a tick fetches; later ticks fetch the others, which fire at their own moments."""


class Table:
    """Rows by profile id, and the set of rows changed since the last `take_touched`."""

    def __init__(self, dims: int, capacity: int = 1024, store: ColdStore | None = None) -> None:
        """`capacity` is the initial room; `store` has the profiles that are not in memory."""
        self.dims = dims
        self.by_place: list[bytes] = []
        """Profile ids by place; the id at a free place has no meaning."""
        self.rows: Rows = np.zeros(capacity, dtype=row_dtype(dims))
        """All zeros beyond the last profile, which needs no memory until a profile is written there."""
        self._place: dict[bytes, int] = {}
        self.touched = np.zeros(capacity, dtype=bool)
        """Rows changed since `take_touched`; code that changes a row must set its flag."""
        self._store = store
        self._free: list[int] = []
        self._used = np.full(capacity, FREE, dtype=np.int64)
        """The call of `places` that asked for a row last; kept only with a store."""
        self._calls = 0
        self.due_index = DueIndex()
        """Due times of the profiles that are only in the store."""

    @property
    def keys(self) -> list[bytes]:
        """The ids of the profiles in memory."""
        return list(self._place)

    def __len__(self) -> int:
        """Number of profiles in memory."""
        return len(self._place)

    def row(self, key: bytes) -> np.void:
        """The row of a profile. KeyError if it is not in memory."""
        found: np.void = self.rows[self._place[key]]
        return found

    def places(self, keys: Sequence[bytes]) -> Places:
        """The places of profiles (n,): fetched if the store has them, blank rows for new ones."""
        known, found, missing, before = self._place, [], [], len(self.by_place)
        for key in keys:
            row = known.get(key)
            if row is None:
                row = self._new_place(key)
                missing.append(key)
            found.append(row)
        self._grow(before)
        places = np.array(found, dtype=np.int64)
        if self._store is not None:
            self._fetch(self._store, missing)
            self._calls += 1
            self._used[places] = self._calls
        return places

    def take_touched(self) -> list[tuple[bytes, bytes]]:
        """Key and state record of every profile touched since the last call."""
        places = np.flatnonzero(self.touched)
        self.touched[places] = False
        records = encode_rows(self.rows[places], self.dims)
        return [(self.by_place[place], record) for place, record in zip(places.tolist(), records, strict=True)]

    def restore(self, items: Sequence[tuple[bytes, bytes]]) -> None:
        """Load state records over rows that have applied no more than the records. ValueError for a foreign layout.

        A store, if there is one, lacks them: they count as touched.
        """
        if items:
            keys, values = zip(*items, strict=True)
            loaded = decode_rows(values, self.dims)
            places = self.places(keys)
            keep_newer(self.rows, places, loaded)
            self.touched[places] = self._store is not None

    def remove(self, key: bytes) -> None:
        """Remove a profile, if it is in memory."""
        if (place := self._place.get(key)) is not None:
            self._release(np.array([place]))

    def recall(self, items: Sequence[tuple[bytes, bytes]], limit: int, rules: int) -> None:
        """Read the records of the store, each key once, and load them while fewer than `limit` are in memory.

        Profiles that were judged by other rules than `rules` are due at once. ValueError for a foreign layout.
        """
        rows = decode_rows([value for _, value in items], self.dims)
        taken = min(max(0, limit - len(self)), len(items))
        self._index_due([key for key, _ in items[taken:]], rows[taken:], rules)
        at = np.arange(taken)
        before = len(self.by_place)
        places = np.array([self._new_place(items[one][0]) for one in at.tolist()], dtype=np.int64)
        self._grow(before)
        keep_newer(self.rows, places, rows[at])
        self._used[places] = self._calls

    def fetch_due(self, until_ms: int) -> None:
        """Fetch profiles that are due by `until_ms` and not in memory, up to a maximum."""
        if self._store is not None:
            self.places([key for key in self.due_index.take(until_ms, MOST_AT_ONCE) if key not in self._place])

    def evict(self, limit: int, rules: int) -> None:
        """Evict rows beyond `limit`; everything that `take_touched` returned must be in the store.

        `rules` is the version of the rules in force: a row that was judged by others is due at once.
        """
        surplus = len(self) - limit
        if surplus <= 0:
            return
        count = len(self.by_place)
        clean = np.flatnonzero((self._used[:count] != FREE) & ~self.touched[:count])
        oldest = clean[np.argsort(self._used[clean], kind="stable")][:surplus]
        self._index_due([self.by_place[place] for place in oldest.tolist()], self.rows[oldest], rules)
        self._release(oldest)

    def _index_due(self, keys: list[bytes], rows: Rows, rules: int) -> None:
        """Index the due times of profiles not in memory; an erased profile is never due."""
        due = np.where(rows["due_ms"] == 0, NEVER, rows["due_ms"])
        due[rows["rules"] != rules] = 0
        alive = np.flatnonzero(rows["events"] != 0)
        self.due_index.add([keys[at] for at in alive.tolist()], due[alive])

    def _release(self, places: Places) -> None:
        """Reset rows, and free their places."""
        self._free += places.tolist()
        for place in places.tolist():
            del self._place[self.by_place[place]]
        whole = f"V{self.rows.itemsize}"  # field by field takes thirty times as long
        self.rows.view(whole)[places] = blank_rows(1, self.dims).view(whole)
        self.touched[places], self._used[places] = False, FREE

    def _new_place(self, key: bytes) -> int:
        """A place for a profile: a freed one, or the next one; the caller makes room for it."""
        if self._free:
            place = self._free.pop()
            self.by_place[place] = key
        else:
            place = len(self.by_place)
            self.by_place.append(key)
        self._place[key] = place
        return place

    def _fetch(self, store: ColdStore, keys: list[bytes]) -> None:
        """Load `keys` from the store into their places."""
        if not keys:
            return
        found = [(key, value) for key, value in zip(keys, store.get_many(keys), strict=True) if value is not None]
        if found:
            places = np.array([self._place[key] for key, _ in found])
            keep_newer(self.rows, places, decode_rows([value for _, value in found], self.dims))

    def _grow(self, before: int) -> None:
        """Make blank rows for all places beyond `before`, doubling the arrays until they fit."""
        count, capacity = len(self.by_place), len(self.rows)
        if count > capacity:
            grown = max(count, capacity * 2)
            rows, touched = np.zeros(grown, self.rows.dtype), np.zeros(grown, dtype=bool)
            used = np.full(grown, FREE, dtype=np.int64)
            rows[:before].view(np.uint8)[:] = self.rows[:before].view(np.uint8)  # as in `_release`
            touched[:before], used[:before] = self.touched[:before], self._used[:before]
            self.rows, self.touched, self._used = rows, touched, used
        make_blank(self.rows[before:count])
