"""The places of profiles: a hash table in two flat arrays, since a dictionary would take ten times the memory.

Profile ids are digests, so their first bytes are their hash.
"""

from array import array

import numpy as np

from liveprofile.streams.serve.store.keys import ID_BYTES

_FREE, _LEFT = -1, -2
"""An entry that was never used, and one whose profile was removed."""
_FULL = 0.6
"""Share of entries in use at which the table grows."""


class Ids:
    """Places from 0 on, by profile id of 16 bytes; a place that was left is given to the next one.

    >>> ids = Ids()
    >>> ids.put(b"a" * 16), ids.put(b"b" * 16), ids.find(b"b" * 16), ids.find(b"c" * 16)
    (0, 1, 1, -1)
    >>> ids.remove(b"a" * 16), len(ids), ids.put(b"c" * 16)
    (0, 1, 0)
    """

    def __init__(self, entries: int = 1024) -> None:
        """`entries` is a power of two."""
        self._table = array("i", [_FREE]) * entries
        self._used = 0
        self._bytes = bytearray()
        self._left: list[int] = []

    @classmethod
    def of(cls, ids: bytes) -> "Ids":
        """The table of many ids at once, 16 bytes each, at the places 0, 1, 2, ..."""
        count, entries = len(ids) // ID_BYTES, 1024
        while count > _FULL / 2 * entries:
            entries *= 2
        made = cls(entries)
        made._bytes, made._used = bytearray(ids), count
        table, last = made._table, entries - 1
        first = np.frombuffer(ids, "<u8")[::2] & np.uint64(last)
        for place, entry in enumerate(first.tolist()):
            while table[entry] != _FREE:
                entry = (entry + 1) & last
            table[entry] = place
        return made

    def __len__(self) -> int:
        """Number of profiles."""
        return self.places - len(self._left)

    @property
    def places(self) -> int:
        """Number of places that were ever given."""
        return len(self._bytes) // ID_BYTES

    def id_at(self, place: int) -> bytes:
        """The id at a place."""
        return bytes(self._bytes[place * ID_BYTES : (place + 1) * ID_BYTES])

    def find(self, profile_id: bytes) -> int:
        """The place of a profile; -1 for none."""
        entry = self._entry(profile_id)
        return self._table[entry] if self._table[entry] >= 0 else -1

    def put(self, profile_id: bytes) -> int:
        """The place of a profile, a new one if it has none."""
        entry = self._entry(profile_id)
        if (place := self._table[entry]) >= 0:
            return place
        place = self._left.pop() if self._left else self.places
        self._bytes[place * ID_BYTES : (place + 1) * ID_BYTES] = profile_id
        self._table[entry] = place
        self._used += 1
        if self._used > _FULL * len(self._table):
            self._grow()
        return place

    def remove(self, profile_id: bytes) -> int:
        """Take a profile's place away, and return it; -1 for none."""
        entry = self._entry(profile_id)
        place = self._table[entry]
        if place < 0:
            return -1
        self._table[entry] = _LEFT
        self._left.append(place)
        self._bytes[place * ID_BYTES : (place + 1) * ID_BYTES] = bytes(ID_BYTES)
        return place

    def _entry(self, profile_id: bytes) -> int:
        """The entry that has the id, or the one that is free for it."""
        table, last = self._table, len(self._table) - 1
        entry = int.from_bytes(profile_id[:8], "little") & last
        while (place := table[entry]) != _FREE:
            if place >= 0 and self._bytes[place * ID_BYTES : (place + 1) * ID_BYTES] == profile_id:
                return entry
            entry = (entry + 1) & last
        return entry

    def _grow(self) -> None:
        """Twice the entries, without those that were left; built aside, since another thread may be looking."""
        left = set(self._left)
        table = array("i", [_FREE]) * (2 * len(self._table))
        last = len(table) - 1
        for place in range(self.places):
            if place in left:
                continue
            entry = int.from_bytes(self._bytes[place * ID_BYTES : place * ID_BYTES + 8], "little") & last
            while table[entry] != _FREE:
                entry = (entry + 1) & last
            table[entry] = place
        self._table, self._used = table, self.places - len(left)
