"""How far reading is behind writing: records, and seconds by the broker's time of the oldest that waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from liveprofile.streams.contract.partition_progress import PartitionProgress


class Lag(NamedTuple):
    """What waits in one partition."""

    records: int
    seconds: float
    """Time since the broker got the oldest of them; 0 if none waits."""


NONE = Lag(0, 0.0)


def lag_of(position: int, end: int, oldest_ms: int | None, now_ms: int) -> Lag:
    """The lag of a reader that has everything through the offset `position`; `end` is the next offset to be written.

    `oldest_ms` is the broker's time of the first record after `position`; None if there is none, as where only markers
    of transactions follow.

    >>> lag_of(41, 42, None, 5_000), lag_of(39, 42, 4_000, 5_500)
    (Lag(records=0, seconds=0.0), Lag(records=2, seconds=1.5))
    """
    if position + 1 >= end or oldest_ms is None:
        return NONE
    return Lag(end - position - 1, max(0, now_ms - oldest_ms) / 1000)


def are_caught_up(progress: Mapping[int, PartitionProgress], ends: Mapping[int, int]) -> bool:
    """Whether `activity` is folded to its `ends`; both are by partition, ends with lasting offsets."""
    return all(number in progress and progress[number].through + 1 >= end for number, end in ends.items())


def position_of(name: str, progress: Iterable[PartitionProgress | None]) -> int | None:
    """The offset through which an input partition is folded by all partitions of `activity`; None if it is unknown.

    >>> one, other = PartitionProgress(inputs={"clicks/0": 7}), PartitionProgress(inputs={"clicks/0": 5})
    >>> position_of("clicks/0", [one, other]), position_of("clicks/0", [one, None])
    (5, None)
    """
    known = [one.inputs.get(name) if one is not None else None for one in progress]
    return None if None in known or not known else min(offset for offset in known if offset is not None)
