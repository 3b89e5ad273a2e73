"""The profile's row: one fixed layout that is at once the state in memory, its bytes on Kafka and its canonical form.

A partition's profiles are rows of one structured array, so that one NumPy call works on a whole batch of shoppers, and
writing a checkpoint is copying bytes. Decayed quantities are as of `seen_ms`; texts are 32-bit digests (see `names`).
"""

import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from profiles.activity import Action
from profiles.compiled import compiled

LAYOUT = 2
"""Version of the layout, the first byte of every state record."""

SCALES = ("session", "short", "long")
SCALE_COUNT = len(SCALES)
ACTION_COUNT = len(Action)
TOPICS = 6
"""Topics remembered with their decayed weights."""
TOPICS_SAID = 3
BRANDS = 4
BRANDS_SAID = 2
RECENT = 8
"""Last actions kept in the ring."""
EVENT_IDS = 32
"""Event digests kept to drop a client's retries: 32 bits each, so a false drop has odds of about 1 in 130 million."""
PATHS = ("interests.session", "interests.short", "interests.long", "brands", "spend.band", "hours", "cluster")
"""What changes are said about, in the order of `said_s`."""
ANOMALIES = ("velocity", "spend", "interest-drift")

Rows = npt.NDArray[np.void]
Row = Any
"""One row, or one activity's head: a record whose fields are attributes in compiled code."""

_HEADER = struct.Struct("<BBH")


@lru_cache(maxsize=8)
def row_dtype(dims: int) -> np.dtype[np.void]:
    """The layout of one profile with vectors of `dims` dimensions."""
    scales = len(SCALES)
    return np.dtype(
        [
            ("applied", "<i8"),  # offset of the last activity applied; -1 for none
            ("first_ms", "<i8"),  # time of the first event
            ("seen_ms", "<i8"),  # newest event time: the reference of all decayed quantities
            ("version", "<u4"),  # last version said
            ("events", "<u4"),  # activities applied
            ("erased_ms", "<i8"),  # when it was erased, 0 for never; all but applied and version is blank then
            # interests: weighted means of unit embeddings (int16, VECTOR_ONE is 1.0) and their decayed weight
            ("interest", "<i2", (scales, dims)),
            ("mass", "<f4", (scales,)),
            ("topic", "<u4", (TOPICS,)),
            ("topic_mass", "<f4", (scales, TOPICS)),
            ("brand", "<u4", (BRANDS,)),
            ("brand_mass", "<f4", (BRANDS,)),
            # how much, how often, when
            ("by_action", "<f4", (len(Action),)),  # long-term decayed counts
            ("burst", "<f4"),  # decayed events, burst half-life
            ("usual", "<f4"),  # decayed events, short half-life
            ("hours", "<i2", (24,)),  # shares of activity by hour of the day (UTC), VECTOR_ONE is all of it
            ("hours_mass", "<f4"),
            # spend in minor units; location and spread of log2(order)
            ("orders", "<u4"),
            ("refunds", "<u4"),
            ("spent", "<i8"),
            ("refunded", "<i8"),
            ("spend_recent", "<f4"),  # decayed, minor units
            ("order_location", "<f4"),
            ("order_spread", "<f4"),
            # session
            ("session", "<u8"),
            ("session_start_ms", "<i8"),
            ("session_events", "<u2"),
            ("session_by_action", "<u2", (len(Action),)),
            # last actions, a ring at place events % RECENT
            ("recent_s", "<u4", (RECENT,)),
            ("recent_action", "u1", (RECENT,)),
            ("recent_topic", "<u4", (RECENT,)),
            ("recent_item", "<u8", (RECENT,)),
            ("recent_source", "<u8", (RECENT,)),
            ("event_ids", "<u4", (EVENT_IDS,)),  # a ring at place events % EVENT_IDS
            # what was last said, to compare with
            ("said_s", "<u4", (len(PATHS),)),
            ("said_topic", "<u4", (scales, TOPICS_SAID)),
            ("said_brand", "<u4", (BRANDS_SAID,)),
            ("said_band", "u1"),
            ("said_part", "u1"),  # part of the day + 1; 0 for none
            ("cluster", "<i4"),  # -1 for none
            # anomalies: open since (0: closed), score, and how many there were
            ("alarm_s", "<u4", (len(ANOMALIES),)),
            ("alarm_score", "<f4", (len(ANOMALIES),)),
            ("alarm_count", "<u4", (len(ANOMALIES),)),
            ("drift_usual", "<f4"),
            ("drift_spread", "<f4"),
        ]
    )


def blank_rows(count: int, dims: int) -> Rows:
    """`count` profiles about which nothing is known."""
    rows = np.zeros(count, dtype=row_dtype(dims))
    make_blank(rows)
    return rows


def make_blank(zeros: Rows) -> None:
    """Make rows of zeros profiles about which nothing is known."""
    zeros["applied"] = -1
    zeros["cluster"] = -1


def erased_row(version: int, offset: int, time_ms: int, dims: int) -> np.void:
    """A stub: all that stays of an erased profile is when it was erased, at which offset, and its last version.

    It stays for good: by it, whatever comes later for the same profile id is known to be too late.
    """
    row: np.void = blank_rows(1, dims)[0]
    row["applied"], row["version"], row["erased_ms"] = offset, version, max(time_ms, 1)
    return row


def encode_rows(rows: Rows, dims: int) -> list[bytes]:
    """The state records of many profiles: a header of layout, spare byte and dimensions, then the row itself."""
    header = _HEADER.pack(LAYOUT, 0, dims)
    body, size = rows.tobytes(), rows.dtype.itemsize
    return [header + body[at : at + size] for at in range(0, len(body), size)]


def decode_rows(values: Sequence[bytes], dims: int) -> Rows:
    """The profiles of many state records. ValueError for a foreign layout, saying what to do."""
    header = _HEADER.pack(LAYOUT, 0, dims)
    record = np.dtype([("header", f"V{len(header)}"), ("row", row_dtype(dims))])
    for value in values:
        if len(value) != record.itemsize or not value.startswith(header):
            raise ValueError(
                f"a state record of another layout: expected layout {LAYOUT} with {dims} dimensions in "
                f"{record.itemsize} bytes, got {len(value)} bytes starting with {value[:4].hex()}. Rebuild the state "
                "as docs/operations.md says under Upgrades: `activity` is then folded again from its beginning."
            )
    return np.frombuffer(b"".join(values), dtype=record)["row"]


@compiled
def keep_newer(rows: Rows, places: npt.NDArray[np.int64], loaded: Rows) -> None:
    """Put `loaded` rows at `places` (n,), one after the other, where they have applied as much or more."""
    for at in range(len(places)):
        if loaded[at].applied >= rows[places[at]].applied:
            rows[places[at]] = loaded[at]
