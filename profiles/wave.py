"""A wave: at most one activity of each of many profiles, so that one NumPy call takes a step for all of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from profiles.exact import Floats, remaining
from profiles.policy import Policy
from profiles.row import Rows

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

BURST = 3
"""Column of the burst half-life in `keep` and `fresh`; 0 to 2 are the scales."""


@dataclass(slots=True)
class Wave:
    """Copies of n profiles, the activity each of them takes now, and what time does to both."""

    rows: Rows
    """(n,) copies of the profiles; `seen_ms` is already the new reference time."""
    events: npt.NDArray[np.void]
    """(n,) heads of the activities."""
    offsets: Ints
    """(n,) places of the activities in the log."""
    pause_ms: Ints
    """(n,) time since the newest event known; negative if this one is late, 0 for a first event."""
    first: Bools
    """(n,) true where nothing was known of the shopper."""
    keep: Floats
    """(n, 4) share of what was known that is left: session, short, long, burst."""
    fresh: Floats
    """(n, 4) share of the event's weight that is left: 1 unless it is late."""
    weight: Floats
    """(n,) signed weight of the action in interests."""
    whole: Bools
    """(n,) true for the first line of an order and for all that is not an order: counts as an event of its own."""

    @property
    def now_s(self) -> npt.NDArray[np.uint32]:
        """(n,) reference time in epoch seconds."""
        return (self.rows["seen_ms"] // 1000).astype(np.uint32)


def start_wave(rows: Rows, events: npt.NDArray[np.void], offsets: Ints, policy: Policy) -> Wave:
    """Move the profiles' reference time to their activity's and work out the decay on both sides.

    A late event leaves the reference time and decays itself, so that order does not matter (forward decay, Cormode et
    al., ICDE 2009).
    """
    time_ms = events["event_time_ms"]
    first = rows["events"] == 0
    rows["first_ms"] = np.where(first, time_ms, np.minimum(rows["first_ms"], time_ms))
    pause_ms = np.where(first, 0, time_ms - rows["seen_ms"])
    rows["seen_ms"] = np.where(first, time_ms, np.maximum(rows["seen_ms"], time_ms))
    half_lives = policy.half_lives_s
    return Wave(
        rows=rows,
        events=events,
        offsets=offsets,
        pause_ms=pause_ms,
        first=first,
        keep=remaining(pause_ms[:, None], half_lives),
        fresh=remaining(-pause_ms[:, None], half_lives),
        weight=np.asarray(policy.action_weights)[events["action"]],
        whole=events["line"] == 0,
    )


def split_into_waves(row_of: Ints) -> Iterator[Ints]:
    """Positions of a batch in waves: the first activity of every profile, then every second one, and so on.

    >>> [wave.tolist() for wave in split_into_waves(np.array([7, 8, 7, 7, 9]))]
    [[0, 1, 4], [2], [3]]
    """
    order = np.argsort(row_of, kind="stable")
    by_row = row_of[order]
    starts = np.flatnonzero(np.concatenate(([True], by_row[1:] != by_row[:-1])))
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    by_rank = np.lexsort((order, rank))
    bounds = np.flatnonzero(np.diff(rank[by_rank])) + 1
    yield from np.split(order[by_rank], bounds)
