"""The shelf: all items as arrays, built from the records of the topics `items` and `item-neighbours`."""

from base64 import b64decode
from collections.abc import Iterable

import msgspec
import numpy as np
import numpy.typing as npt

from profiles.items.record import ItemNeighbours, ItemSnapshot

Floats = npt.NDArray[np.float32]

_ITEMS = msgspec.json.Decoder(ItemSnapshot)
_NEIGHBOURS = msgspec.json.Decoder(ItemNeighbours)


class Shelf:
    """Items that can be recommended: those that were seen, so that there is something to show.

    Parameters
    ----------
    items, neighbours
        Values of the two topics, the latest of each key. ValueError for what is none of ours.
    half_life_s
        Half-life of popularity, to compare items that were met last at different times: `items.half_life_s`.
    """

    def __init__(self, items: Iterable[bytes], neighbours: Iterable[bytes], half_life_s: float) -> None:
        self.items = [_ITEMS.decode(value) for value in items]
        self.place = {item.item: place for place, item in enumerate(self.items)}
        self.vectors = _unit_rows([item.vector for item in self.items])
        """Unit embeddings (n, d); zeros for an item without a text."""
        self.popularity = np.zeros(len(self.items), np.float32)
        """Decayed weight of actions (n,), all as of the newest one."""
        self._neighbours: dict[int, tuple[npt.NDArray[np.int64], Floats]] = {}
        self._put([_NEIGHBOURS.decode(value) for value in neighbours], half_life_s)

    def __len__(self) -> int:
        """How many items there are."""
        return len(self.items)

    def together(self, item: str) -> tuple[npt.NDArray[np.int64], Floats]:
        """Places of the items that go with one, and the share of each in it; empty for an unknown item.

        What came before an item counts half of what came after.
        """
        known = self._neighbours.get(self.place.get(item, -1))
        return known if known is not None else (np.zeros(0, np.int64), np.zeros(0, np.float32))

    def _put(self, records: list[ItemNeighbours], half_life_s: float) -> None:
        newest_s = max((record.time_s for record in records), default=0)
        for record in records:
            place = self.place.get(record.item)
            if place is None:
                continue
            self.popularity[place] = record.popularity * 2.0 ** ((record.time_s - newest_s) / half_life_s)
            others = np.array([self.place.get(other, -1) for other in record.neighbours], np.int64)
            weights = np.array(record.after, np.float32) + np.float32(0.5) * np.array(record.before, np.float32)
            seen = (others >= 0) & (weights > 0)
            if seen.any():
                self._neighbours[place] = others[seen], weights[seen] / weights[seen].sum()


def _unit_rows(vectors: list[str]) -> Floats:
    """Base64 of float16 as unit rows (n, d). ValueError where they are not of one length."""
    raw = [b64decode(vector) for vector in vectors]
    if len({len(one) for one in raw}) > 1:
        raise ValueError("items have vectors of several lengths: they were embedded by different models")
    rows = np.frombuffer(b"".join(raw), "<f2").astype(np.float32).reshape(len(raw), len(raw[0]) // 2 if raw else 0)
    return unit(rows)


def unit(rows: Floats) -> Floats:
    """Rows (n, d) divided by their lengths; zeros stay zeros."""
    lengths = np.sqrt(np.square(rows).sum(axis=1, keepdims=True))
    units: Floats = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return units
