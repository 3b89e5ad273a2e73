"""Local time: a time zone as a table of its offsets from UTC. The core does no I/O and knows no time zone database."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.numeric.jit import compiled


class LocalTime(NamedTuple):
    """A time zone, as data."""

    name: str
    """Of the IANA time zone database, such as Europe/Berlin."""
    offsets: tuple[tuple[int, int], ...]
    """From each time on (epoch milliseconds, rising) the offset from UTC in milliseconds; before the first one UTC."""


UTC = LocalTime("UTC", ())


def offsets_table(local_time: LocalTime) -> npt.NDArray[np.int64]:
    """The offsets for compiled code (n, 2)."""
    return np.array(local_time.offsets, dtype=np.int64).reshape(-1, 2)


@compiled
def local_ms(time_ms: int, offsets: npt.NDArray[np.int64]) -> int:
    """The milliseconds that a local clock shows, as if it were UTC.

    >>> table = offsets_table(LocalTime("a zone", ((0, 3_600_000), (1_000_000, 7_200_000))))
    >>> [local_ms(time_ms, table) for time_ms in (-1, 0, 999_999, 1_000_000)]
    [-1, 3600000, 4599999, 8200000]
    """
    low, high = 0, len(offsets)
    while low < high:
        middle = (low + high) // 2
        if offsets[middle, 0] <= time_ms:
            low = middle + 1
        else:
            high = middle
    return time_ms + offsets[low - 1, 1] if low > 0 else time_ms
