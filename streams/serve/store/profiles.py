"""The columns and sets of all profiles: places by id, rows by place, and a bitmap for everything that is listed by.

The follower's thread changes them, others read. A single call of a bitmap or an array is atomic under the
interpreter's lock; so readers combine bitmaps into new ones, and never iterate over one that lives.
"""

from collections import defaultdict

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from liveprofile.profiles.state.row import ANOMALIES
from liveprofile.streams.serve.store.database import Database, Writes
from liveprofile.streams.serve.store.ids import Ids
from liveprofile.streams.serve.store.keys import Kind, of_profile
from liveprofile.streams.serve.store.names import Names
from liveprofile.streams.serve.store.row import (
    MOST_SEGMENTS,
    ROW,
    SEGMENTS_AT,
    SIZE,
    Head,
    Row,
    bits_of,
    epoch_ms,
    pack,
    unpack,
)

MOST_STATES = 60_000
_NONE = Row(b"", 0, 0, -1, 0, 0, 0, 0)


class Profiles:
    """What is known of all profiles, without their values."""

    def __init__(self, database: Database) -> None:
        """Rebuilt from the rows in the store."""
        self.ids = Ids()
        self._buffer = bytearray()
        self.all = BitMap()
        self.segments: defaultdict[int, BitMap] = defaultdict(BitMap)
        self.states: defaultdict[int, BitMap] = defaultdict(BitMap)
        self.clusters: defaultdict[int, BitMap] = defaultdict(BitMap)
        self.kinds: defaultdict[int, BitMap] = defaultdict(BitMap)
        self.segment_names = Names(database, "segment", 0, MOST_SEGMENTS, lambda one: not self.segments[one])
        self.state_names = Names(database, "state", 1, MOST_STATES, lambda one: not self.states[one])
        self.cluster_names: dict[int, str] = {}
        self.rules = ""
        """Name and version of the rules by which the newest snapshot was made."""
        self.changed: set[int] | None = None
        """Places that changed, for whoever keeps more about profiles; None where nobody does."""
        self._restore(b"".join(value for _, value in database.scan(Kind.ROW.value)))

    def __len__(self) -> int:
        """Number of profiles."""
        return len(self.ids)

    @property
    def rows(self) -> npt.NDArray[np.void]:
        """All rows by place (places,), dtype ROW; those of places that were left are blank."""
        buffer = self._buffer
        return np.frombuffer(buffer, ROW, count=min(self.ids.places, len(buffer) // SIZE))

    @property
    def order(self) -> npt.NDArray[np.uint64]:
        """The first 8 bytes of all ids as numbers, by place: ids are digests, so no two are expected to share them."""
        buffer = self._buffer
        return np.ndarray((min(self.ids.places, len(buffer) // SIZE),), ">u8", buffer, 0, (SIZE,))

    def put(self, profile_id: bytes, head: Head, writes: Writes) -> None:
        """A new snapshot."""
        segments = 0
        for one in head.segments:
            number = self.segment_names.number(one.name, writes)
            segments |= 1 << number if number is not None else 0
        state = self.state_names.number(head.lifecycle.state, writes) if head.lifecycle else None
        cluster = head.cluster.id if head.cluster else -1
        row = Row(
            profile_id,
            epoch_ms(head.last_seen),
            head.version,
            cluster,
            state or 0,
            head.kinds,
            head.severity,
            segments,
        )
        if head.cluster and head.cluster.name:
            self.cluster_names[cluster] = head.cluster.name
        self.rules = head.rules or self.rules
        value = pack(row)
        writes.put(of_profile(Kind.ROW, profile_id), value)
        self._place(row, value)

    def remove(self, profile_id: bytes, writes: Writes) -> None:
        """The profile is gone."""
        writes.delete(of_profile(Kind.ROW, profile_id))
        if (place := self.ids.find(profile_id)) < 0:
            return
        self._move(place, self.row_at(place), _NONE)
        self.all.discard(place)
        self.ids.remove(profile_id)
        self._buffer[place * SIZE : (place + 1) * SIZE] = bytes(SIZE)

    def row_of(self, profile_id: bytes) -> Row | None:
        """The row of a profile."""
        place = self.ids.find(profile_id)
        return self.row_at(place) if place >= 0 else None

    def row_at(self, place: int) -> Row:
        """The row at a place that was given."""
        return unpack(bytes(self._buffer[place * SIZE : (place + 1) * SIZE]))

    def segment_sizes(self) -> dict[str, int]:
        """Members by name of the segment, of all names that were ever seen."""
        return {name: len(self.segments[number]) for name, number in list(self.segment_names.by_name.items())}

    def state_sizes(self) -> dict[str, int]:
        """Profiles by name of the lifecycle state."""
        return {name: len(self.states[number]) for name, number in list(self.state_names.by_name.items())}

    def kind_sizes(self) -> dict[str, int]:
        """Profiles with an open anomaly of each kind."""
        return {kind: len(self.kinds[number]) for number, kind in enumerate(ANOMALIES)}

    def _restore(self, values: bytes) -> None:
        """All rows at once: one by one they would take a minute for a million profiles."""
        count = len(values) // SIZE
        if not count:
            return
        self._buffer = bytearray(values)
        rows = np.frombuffer(values, ROW, count=count)
        self.ids = Ids.of(np.ascontiguousarray(rows["id"]).tobytes())
        self.all.add_range(0, count)
        for sets, column, none in ((self.states, rows["lifecycle"], 0), (self.clusters, rows["cluster"], -1)):
            for number in set(np.unique(column).tolist()) - {none}:
                sets[number] = _places(column == number)
        for number in range(len(ANOMALIES)):
            self.kinds[number] = _places(rows["kinds"] >> number & 1 != 0)
        bits = np.ndarray((count, MOST_SEGMENTS // 8), "u1", values, SEGMENTS_AT, (SIZE, 1))
        for number in self.segment_names.by_name.values():
            self.segments[number] = _places(bits[:, number // 8] >> (number % 8) & 1 != 0)

    def _place(self, row: Row, value: bytes) -> None:
        """Put a row at its place, and its place into the sets."""
        known = self.ids.find(row.profile_id)
        place = known if known >= 0 else self.ids.put(row.profile_id)
        start = place * SIZE
        if start >= len(self._buffer):
            self._grow(start + SIZE)
        before = unpack(bytes(self._buffer[start : start + SIZE])) if known >= 0 else _NONE
        self._buffer[start : start + SIZE] = value
        self._move(place, before, row)
        if known < 0:
            self.all.add(place)

    def _move(self, place: int, before: Row, after: Row) -> None:
        """From the sets of one row to those of another."""
        if self.changed is not None:
            self.changed.add(place)
        for sets, was, will in (
            (self.segments, before.segments, after.segments),
            (self.kinds, before.kinds, after.kinds),
        ):
            if was != will:
                for number in bits_of(was & ~will):
                    sets[number].discard(place)
                for number in bits_of(will & ~was):
                    sets[number].add(place)
        for sets, old, new, none in (
            (self.states, before.lifecycle, after.lifecycle, 0),
            (self.clusters, before.cluster, after.cluster, -1),
        ):
            if old != new:
                if old != none:
                    sets[old].discard(place)
                if new != none:
                    sets[new].add(place)

    def _grow(self, least: int) -> None:
        """A larger buffer: the old one may have views, so it stays as it is."""
        larger = bytearray(max(least, 2 * len(self._buffer), 1024 * SIZE))
        larger[: len(self._buffer)] = self._buffer
        self._buffer = larger


def _places(chosen: npt.NDArray[np.bool_]) -> BitMap:
    """The places that are chosen, of a mask (places,)."""
    return BitMap(np.flatnonzero(chosen).astype(np.uint32))
