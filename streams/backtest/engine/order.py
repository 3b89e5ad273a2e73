"""The order of an activity log: that of arrival, with ticks where their time comes."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.records.activity import OFFSET_BITS, decode_heads, source_code
from liveprofile.streams.transport.record import Item

Ints = npt.NDArray[np.int64]


class Places:
    """Where in a batch of input records each stood, by the source that its activities name."""

    def __init__(self) -> None:
        self._lanes: dict[int, tuple[int, Ints]] = {}

    def add(self, kind: str, first: int, places: Sequence[int]) -> None:
        """The batch's records of one kind of input, whose offsets run from `first` on."""
        self._lanes[source_code(kind, 0, 0) >> OFFSET_BITS] = first, np.array(places, dtype=np.int64)

    def of(self, sources: npt.NDArray[np.uint64]) -> Ints:
        """The places (n,) of the records that activities came from."""
        lanes = (sources >> np.uint64(OFFSET_BITS)).astype(np.int64)
        offsets = (sources & np.uint64((1 << OFFSET_BITS) - 1)).astype(np.int64)
        found = np.zeros(len(sources), dtype=np.int64)
        for lane, (first, places) in self._lanes.items():
            mine = lanes == lane
            found[mine] = places[offsets[mine] - first]
        return found


def in_order(
    items: Sequence[Item], places: Places, clock: Ints, ticks: Sequence[tuple[int, Item]], dims: int
) -> list[Item]:
    """Activities as their records arrived, a tick before the first of them that came at its time or later.

    `clock` has the time of arrival by place in the batch, never falling; `ticks` are times and records.
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
