"""The order of an activity log: order of arrival, with ticks at their time."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.records.activity import OFFSET_BITS, decode_heads, source_code
from liveprofile.streams.transport.record import Item

Ints = npt.NDArray[np.int64]


class Places:
    """Positions of input records in a batch, by the source in their activities."""

    def __init__(self) -> None:
        self._by_source: dict[int, tuple[int, Ints]] = {}

    def add(self, kind: str, first: int, places: Sequence[int]) -> None:
        """Add the batch's records of one kind of input; their offsets start at `first`."""
        self._by_source[source_code(kind, 0, 0) >> OFFSET_BITS] = first, np.array(places, dtype=np.int64)

    def of(self, sources: npt.NDArray[np.uint64]) -> Ints:
        """The positions (n,) of the records that activities came from."""
        codes = (sources >> np.uint64(OFFSET_BITS)).astype(np.int64)
        offsets = (sources & np.uint64((1 << OFFSET_BITS) - 1)).astype(np.int64)
        found = np.zeros(len(sources), dtype=np.int64)
        for code, (first, places) in self._by_source.items():
            mine = codes == code
            found[mine] = places[offsets[mine] - first]
        return found


def in_order(
    items: Sequence[Item], places: Places, clock: Ints, ticks: Sequence[tuple[int, Item]], dims: int
) -> list[Item]:
    """Activities in the order of their records; each tick is before the first record of its time or later.

    `clock` has the arrival time by position in the batch, never decreasing; `ticks` are times and records.
    """
    at = places.of(decode_heads([value or b"" for _, value, _ in items], dims)["source"])
    order = np.argsort(at, kind="stable")
    before = np.searchsorted(clock[at[order]], [time_ms for time_ms, _ in ticks], side="left").tolist()
    merged: list[Item] = []
    start = 0
    for end, (_, tick) in zip(before, ticks, strict=True):
        merged += [items[one] for one in order[start:end].tolist()]
        merged.append(tick)
        start = end
    return merged + [items[one] for one in order[start:].tolist()]
