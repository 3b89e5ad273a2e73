"""The table: all profiles of one partition as rows of a growing array, found by key.

An erased profile is kept as its stub, outside of the array. With a store, the table is a window over more profiles than
memory holds. The rows of a batch that are not in memory are fetched in one call; `evict` frees places. A row stays in
memory while the store lacks its last change; the other rows are evicted in the order of their last use. The due time of
an evicted profile is kept, and brings the profile back.
"""

import struct
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.state.arrays import ProfileArrays
from liveprofile.profiles.state.codec import decode_profiles, encode_profiles
from liveprofile.profiles.state.cold_store import ColdStore
from liveprofile.profiles.state.due_index import NEVER, DueIndex, Times
from liveprofile.profiles.state.ledger import Ledgers, LedgerTable
from liveprofile.profiles.state.row import Rows, blank_rows, erased_row, make_blank, row_dtype

Places = npt.NDArray[np.int64]

FREE = -1
"""Time of last use of a place without a profile."""
STUB = struct.Struct("<qIqB")
"""A stub outside of the array: applied, version, erased_ms and forgotten; 0.2 KB with its key, not a whole row."""
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
        self._blank = blank_rows(1, dims)
        self.ledgers = LedgerTable(capacity)
        """What the orders of the profiles have said."""
        self.forget_ms = 0
        """Time without an activity after which a profile is forgotten, ms; 0 for never."""
        self._place: dict[bytes, int] = {}
        self.touched = np.zeros(capacity, dtype=bool)
        """Rows changed since `take_touched`; code that changes a row must set its flag."""
        self._store = store
        self._free: list[int] = []
        self._stubs: dict[bytes, bytes] = {}
        """Stubs of erased profiles by profile id; only without a store."""
        self._revived: list[int] = []
        """Places of stubs that were put back into the array since the last `take_touched`."""
        self._used = np.full(capacity, FREE, dtype=np.int64)
        """The call of `places` that asked for a row last; kept only with a store."""
        self._calls = 0
        self.due_index = DueIndex()
        """Due times of the profiles that are only in the store."""

    @property
    def keys(self) -> list[bytes]:
        """The ids of the profiles in memory, stubs included."""
        return [*self._place, *self._stubs]

    def __len__(self) -> int:
        """Number of profiles in memory."""
        return len(self._place)

    def row(self, key: bytes) -> np.void:
        """The row of a profile. KeyError if it is not in memory."""
        if key in self._stubs:
            self.places([key])
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
        if missing:
            self._grow(before)
        places = np.array(found, dtype=np.int64)
        if missing and self._stubs:
            self._revive(missing)
        if self._store is not None:
            self._fetch(self._store, missing)
            self._calls += 1
            self._used[places] = self._calls
        return places

    @property
    def arrays(self) -> ProfileArrays:
        """All of it for compiled code, until the table next changes its size."""
        return ProfileArrays(self.rows, self.touched, self.ledgers.rows, self.ledgers.place_of, self._blank)

    def take_touched(self) -> list[tuple[bytes, bytes]]:
        """Key and state record of every profile touched since the last call."""
        places = np.flatnonzero(self.touched)
        self.touched[places] = False
        self.ledgers.close(places[self.rows["erased_ms"][places] != 0])
        records = encode_profiles(self.rows[places], self.ledgers.read(places), self.dims)
        found = [(self.by_place[place], record) for place, record in zip(places.tolist(), records, strict=True)]
        revived, self._revived = np.array(self._revived, np.int64), []
        self._shelve(np.concatenate([places, revived]))
        return found

    def restore(self, items: Sequence[tuple[bytes, bytes]]) -> None:
        """Load state records over rows that have applied no more than the records. ValueError for a foreign layout.

        A store, if there is one, lacks them: they count as touched.
        """
        if items:
            keys, values = zip(*items, strict=True)
            loaded = decode_profiles(values, self.dims)
            places = self.places(keys)
            self._keep_newer(places, *loaded)
            self.touched[places] = self._store is not None
            self._shelve(places)

    def _shelve(self, places: Places) -> None:
        """Move stubs of erased profiles out of the array; with a store, they are evicted like others."""
        if self._store is not None:
            return
        erased = np.unique(places[self.rows["erased_ms"][places] != 0])
        for place in erased.tolist():
            row = self.rows[place]
            stub = STUB.pack(*(int(row[name]) for name in ("applied", "version", "erased_ms", "forgotten")))
            self._stubs[self.by_place[place]] = stub
        self._release(erased)

    def _revive(self, keys: Sequence[bytes]) -> None:
        """Put the stubs of profiles back at their places in the array."""
        for key in keys:
            if (stub := self._stubs.pop(key, None)) is not None:
                applied, version, erased_ms, forgotten = STUB.unpack(stub)
                place = self._place[key]
                self.rows[place] = erased_row(version, applied, erased_ms, self.dims)
                self.rows[place]["forgotten"] = forgotten
                self._revived.append(place)

    def remove(self, key: bytes) -> None:
        """Remove a profile, if it is in memory."""
        self._stubs.pop(key, None)
        if (place := self._place.get(key)) is not None:
            self._release(np.array([place]))

    def recall(self, items: Sequence[tuple[bytes, bytes]], limit: int, rules: int) -> None:
        """Read the records of the store, each key once, and load them while fewer than `limit` are in memory.

        Profiles that were judged by other rules than `rules` are due at once. ValueError for a foreign layout.
        """
        rows, ledgers = decode_profiles([value for _, value in items], self.dims)
        taken = min(max(0, limit - len(self)), len(items))
        self._index_due([key for key, _ in items[taken:]], rows[taken:], rules)
        at = np.arange(taken)
        before = len(self.by_place)
        places = np.array([self._new_place(items[one][0]) for one in at.tolist()], dtype=np.int64)
        self._grow(before)
        self._keep_newer(places, rows[at], ledgers[at])
        self._used[places] = self._calls

    def fetch_due(self, until_ms: int) -> None:
        """Fetch profiles that are due by `until_ms` and not in memory, up to a maximum."""
        if self._store is not None:
            self.places([key for key in self.due_index.take(until_ms, MOST_AT_ONCE) if key not in self._place])

    def next_due_ms(self, rules: int) -> int:
        """No profile is due by time alone before this moment, epoch milliseconds; `NEVER` if none will be.

        `rules` is the version of the rules in force.
        """
        rows = self.rows[: len(self.by_place)]
        alive = (rows["events"] != 0) & (rows["erased_ms"] == 0)
        due = self._due_times(rows, rules)[alive]
        return min(self.due_index.earliest_ms, int(due.min()) if len(due) else NEVER)

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
        due, alive = self._due_times(rows, rules), np.flatnonzero(rows["events"] != 0)
        self.due_index.add([keys[at] for at in alive.tolist()], due[alive])

    def _due_times(self, rows: Rows, rules: int) -> Times:
        """When each of the rows (n,) is due by time alone, epoch milliseconds; 0 for one judged by other rules."""
        due = np.where(rows["due_ms"] == 0, NEVER, rows["due_ms"])
        if self.forget_ms:
            due = np.minimum(due, rows["seen_ms"] + self.forget_ms)
        due[rows["rules"] != rules] = 0
        return due

    def _release(self, places: Places) -> None:
        """Reset rows, and free their places."""
        self._free += places.tolist()
        for place in places.tolist():
            del self._place[self.by_place[place]]
        whole = f"V{self.rows.itemsize}"  # field by field takes thirty times as long
        self.rows.view(whole)[places] = blank_rows(1, self.dims).view(whole)
        self.ledgers.close(places)
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
            self._keep_newer(places, *decode_profiles([value for _, value in found], self.dims))

    def _keep_newer(self, places: Places, rows: Rows, ledgers: Ledgers) -> None:
        """Put loaded profiles (n,) at their places, in order, unless the row there has applied more."""
        order = np.lexsort((np.arange(len(places)), rows["applied"], places))
        last = np.append(places[order][1:] != places[order][:-1], True) if len(order) else np.zeros(0, bool)
        best = order[last]
        best = best[rows["applied"][best] >= self.rows["applied"][places[best]]]
        self.put(places[best], rows[best], ledgers[best])

    def put(self, places: Places, rows: Rows, ledgers: Ledgers) -> None:
        """Set the rows (n,) and the ledgers (n,) at places, each once."""
        whole = f"V{self.rows.itemsize}"
        self.rows.view(whole)[places] = np.ascontiguousarray(rows).view(whole)
        self.ledgers.write(places, ledgers)

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
            self.ledgers.grow(grown)
        make_blank(self.rows[before:count])
