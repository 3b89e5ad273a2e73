"""Finds the records of `activity` that cannot be folded, with the reason for each."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.records.activity import LAYOUT, OFFSET_BITS, PARTITION_BITS, SOURCES, TOPIC_BITS, Action, Kind

LATEST_MS = 253_402_300_799_999
"""The last millisecond of the year 9999: facts write times as RFC 3339."""


def are_ids(keys: Sequence[bytes | None]) -> bool:
    """Whether all keys could be profile ids: none is missing or empty, and all are ASCII."""
    return all(keys) and b"".join(keys).isascii()  # type: ignore[arg-type]  # none is None then


def unreadable(keys: Sequence[bytes | None], heads: npt.NDArray[np.void]) -> dict[int, str]:
    """The reason, as text, by the place of each record that cannot be folded; `heads` (n,) of `decode_heads`.

    It depends on the record alone, so that every replay skips the same ones. Compiled code does not check the others.
    """
    kind, time_ms = heads["kind"], heads["event_time_ms"]
    topic = heads["source"] >> np.uint64(PARTITION_BITS + OFFSET_BITS) & np.uint64((1 << TOPIC_BITS) - 1)
    unkeyed = np.fromiter((not key or not key.isascii() for key in keys), np.bool_, len(keys))
    checks = (
        (unkeyed & (kind != Kind.TICK) & (kind != Kind.ADOPT), "its key is no profile id"),
        ((time_ms < 0) | (time_ms > LATEST_MS), "its time is before 1970 or after 9999"),
        (topic >= len(SOURCES), "its source is no known topic"),
        (heads["action"] > max(Action), "its action is unknown"),
        (kind > max(Kind), "its kind is unknown"),
        (heads["layout"] != LAYOUT, "it is no activity: too short, or of no known layout"),
    )
    return {place: words for wrong, words in checks for place in np.flatnonzero(wrong).tolist()}
