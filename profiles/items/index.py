"""The item index: all items as arrays, updated from the records of the topics `items` and `item-neighbours`."""

from base64 import b64decode
from collections.abc import Iterable, Sequence
from sys import intern
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from liveprofile.profiles.items.record import ItemNeighbours, ItemSnapshot
from liveprofile.profiles.items.title_similarity import Words

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

_ITEMS = msgspec.json.Decoder(ItemSnapshot)
_NEIGHBOURS = msgspec.json.Decoder(ItemNeighbours)


class _Ties(NamedTuple):
    time_s: int
    popularity: float
    others: tuple[str, ...]
    after: Floats
    before: Floats


class ItemIndex:
    """Items that can be recommended: those with known attributes, which a shop can show.

    It is built from all records at once, or updated as they arrive: the latest record of each key counts.

    Parameters
    ----------
    items, neighbours
        Values of the two topics. ValueError for a record of another format.
    half_life_s
        Half-life of popularity, to compare items last viewed at different times: `items.half_life_s`.
    """

    def __init__(self, items: Iterable[bytes], neighbours: Iterable[bytes], half_life_s: float) -> None:
        self.items: list[ItemSnapshot] = []
        self.place: dict[str, int] = {}
        """Place by the digest of an item's id, 16 hex digits."""
        self.words = Words()
        self._half_life_s = half_life_s
        self._codes: dict[str, int] = {}
        self._ties: dict[str, _Ties] = {}
        self._newest_s = 0
        self._vectors = np.zeros((0, 0), np.float32)
        self._brands = np.zeros(0, np.int64)
        self._popularity, self._time_s = np.zeros(0), np.zeros(0, np.int64)
        self.take(items, neighbours)

    def __len__(self) -> int:
        """Number of items."""
        return len(self.items)

    @property
    def vectors(self) -> Floats:
        """Unit embeddings (n, d); zeros for an item without a text."""
        return self._vectors[: len(self)]

    @property
    def brands(self) -> Ints:
        """A number for each item's brand (n,); 0 for none."""
        return self._brands[: len(self)]

    @property
    def popularity(self) -> Floats:
        """Decayed weight of actions (n,), all as of the newest one."""
        count = len(self)
        left = np.exp2((self._time_s[:count] - self._newest_s) / self._half_life_s)
        return (self._popularity[:count] * left).astype(np.float32)

    def together(self, item: str) -> tuple[Ints, Floats, Floats]:
        """Places of the neighbours of an item, and the weight of each after it and before it, as of the newest action.

        All are empty for an unknown item.
        """
        ties = self._ties.get(item)
        if ties is None:
            return np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros(0, np.float32)
        places = np.array([self.place.get(other, -1) for other in ties.others], np.int64)
        known = places >= 0
        left = np.float32(2.0 ** ((ties.time_s - self._newest_s) / self._half_life_s))
        return places[known], ties.after[known] * left, ties.before[known] * left

    def take(self, items: Iterable[bytes], neighbours: Iterable[bytes]) -> None:
        """Add new records of both topics."""
        self._put_items([_ITEMS.decode(value) for value in items])
        for value in neighbours:
            self._tie(_NEIGHBOURS.decode(value))

    def _put_items(self, records: Sequence[ItemSnapshot]) -> None:
        if not records:
            return
        vectors = _unit_rows([record.vector for record in records])
        before = len(self)
        if before and vectors.shape[1] != self._vectors.shape[1]:
            raise ValueError("items have vectors of several lengths: they were embedded by different models")
        places = [self._place_of(record) for record in records]
        self._grow(vectors.shape[1])
        self._vectors[places] = vectors
        self._brands[places] = [self._code(record.brand) for record in records]
        for place in range(before, len(self)):
            self._rank(self.items[place].item)

    def _place_of(self, record: ItemSnapshot) -> int:
        """The place of the record, which is stored there."""
        key, text = intern(record.item), record.title or record.category or ""
        place = self.place.setdefault(key, len(self.items))
        if place == len(self.items):
            self.items.append(record)
            self.words.put(place, text)
        else:
            known, self.items[place] = self.items[place], record
            if text != (known.title or known.category or ""):
                self.words.put(place, text)
        return place

    def _grow(self, dims: int) -> None:
        """Room for all items, doubled when it is full."""
        have = len(self._brands)
        if len(self) <= have:
            return
        more = max(len(self), 2 * have) - have
        self._vectors = np.concatenate([self._vectors.reshape(have, dims), np.zeros((more, dims), np.float32)])
        for name in ("_brands", "_popularity", "_time_s"):
            known = getattr(self, name)
            setattr(self, name, np.concatenate([known, np.zeros(more, known.dtype)]))

    def _code(self, name: str | None) -> int:
        return self._codes.setdefault(name, len(self._codes) + 1) if name else 0

    def _tie(self, record: ItemNeighbours) -> None:
        others = tuple(map(intern, record.neighbours))
        after, before = np.array(record.after, np.float32), np.array(record.before, np.float32)
        key = intern(record.item)
        self._ties[key] = _Ties(record.time_s, record.popularity, others, after, before)
        self._newest_s = max(self._newest_s, record.time_s)
        self._rank(key)

    def _rank(self, item: str) -> None:
        """Store the popularity of an item at its place in the index."""
        place, ties = self.place.get(item), self._ties.get(item)
        if place is not None and ties is not None:
            self._popularity[place], self._time_s[place] = ties.popularity, ties.time_s


def _unit_rows(vectors: list[str]) -> Floats:
    """Base64 of float16 as unit rows (n, d). ValueError where they are not of one length."""
    raw = [b64decode(vector) for vector in vectors]
    if len({len(one) for one in raw}) > 1:
        raise ValueError("items have vectors of several lengths: they were embedded by different models")
    return unit(np.frombuffer(b"".join(raw), "<f2").astype(np.float32).reshape(len(raw), len(raw[0]) // 2))


def unit(rows: Floats) -> Floats:
    """Rows (n, d) divided by their lengths; zeros stay zeros."""
    lengths = np.sqrt(np.square(rows).sum(axis=1, keepdims=True))
    units: Floats = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return units
