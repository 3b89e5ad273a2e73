"""The content of records without what a later version may change, as lines that are hashed and compared.

The constants name every difference that is allowed. A rename is entered here; a changed value is never.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from liveprofile.models.snapshot import ModelVersion, plain, source_name
from liveprofile.profiles.fold.cursor import Cursor
from liveprofile.profiles.state.codec import ROWS

ADDED = {"message"}
"""Keys that later versions add to changes and anomalies."""
ADDED_TO_REASONS = {"observed_name"}
"""Keys that later versions add to the reason of a change."""
MODELS_LEFT_OUT = {"config"}
"""Keys of a change's `models` that follow from the names of settings."""
SNAPSHOT_LEFT_OUT = {"policy"} | ADDED
"""Keys of a snapshot that follow from the names of settings."""
SPEND_LEFT_OUT = {"orders_priced"}
"""Keys that later versions add to the spend of a snapshot."""
CLOCK_NUMBERS = 3
"""Numbers of the log's clock in a cursor; later versions add more."""

FIELDS: dict[str, str] = {old: new for layout in ROWS.layouts for old, new in layout.renamed.items()}
"""Old name to new name of the fields of profiles and examples. A digest is listed under the old name."""
JOINED: dict[str, tuple[str, str]] = {"wording": ("query_specificity", "review_tone")}
"""Old fields that two new ones share, of which one is 0."""
NEW_FIELDS: set[str] = {
    *("ordinal", "event_ids_kept", "event_ids_plain", "forgotten", "orders_priced", "pending_session"),
    *("session_seen_ms", "open_session", "open_start_ms", "open_seen_ms", "open_events", "open_by_action"),
    *("open_pace", "open_pages", "open_mass", "open_interest", "open_topic_mass"),
}
"""Fields of profiles and examples that later versions add, under their own names."""
NEW_HEAD_FIELDS = {"order", "price", "category_check", "brand_check"}
"""The same of activities."""
FIELDS_LEFT_OUT = {"layout", "spare", "event_ids"}
"""Fields that tell how a record is written, that fill it up, and the ring of event ids, which is kept otherwise."""

PARTS_LEFT_OUT = {"activity"}
"""Parts of the large logs that follow from layouts alone; what ingest writes is compared field by field besides."""

_BY_SESSIONS = "sessions at once stay apart, and visits are the sessions of detectors"
CHANGED: dict[str, str] = {
    **dict.fromkeys(
        [
            *("anomalies", "changes", "examples", "model-events", "models", "snapshots"),
            *("state.alarm_count", "state.alarm_day", "state.alarm_first", "state.alarm_flagged", "state.alarm_rest_s"),
            *("state.alarm_session_ms", "state.alarm_step", "state.chance", "state.drift_spread", "state.drift_usual"),
            *("state.member_s", "state.novel", "state.pace", "state.pages", "state.pending_chance"),
            *("state.pending_input", "state.pending_label", "state.said_much", "state.said_s", "state.version"),
            *("state.session_by_action", "state.session_events", "state.session_pause", "state.session_start_ms"),
            *("state.sessions", "state.visit_gap", "state.alarm_due_ms", "state.alarm_input", "state.alarm_most"),
            *("state.alarm_s", "state.alarm_score", "state.alarm_severity", "state.applied", "state.due_ms"),
            *("state.judged_ms", "state.member", "state.pending_ms", "state.pending_until_ms"),
        ],
        _BY_SESSIONS,
    ),
    "state.event_ids": "the ring of event ids is longer, and tells input and action apart",
    "item-cursors": "the day of the newest event, by which items are forgotten",
}
"""Parts of golden logs that differ from what ae9fa68 made of them, by design, with the reason; see `expected`."""
SNAPSHOT_CHANGED = {"session", "predictions", "version", "traits.sessions", "traits.rhythm"}
"""Members of the snapshots in which they differ, for the same reasons."""

Json = Mapping[str, Any]


def without(value: Json, names: set[str]) -> dict[str, Any]:
    """A JSON object without some of its keys."""
    return {key: one for key, one in value.items() if key not in names}


def line_of(value: Any) -> bytes:
    """A value as one line of JSON, keys in order."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def change(payload: bytes) -> dict[str, Any]:
    """The record of a profile change, without what may change."""
    record = without(orjson.loads(payload), ADDED)
    record["changes"] = [
        without(one, ADDED) | {"reason": without(one["reason"], ADDED_TO_REASONS)} for one in record["changes"]
    ]
    record["models"] = without(record["models"], MODELS_LEFT_OUT)
    return record


def anomaly(payload: bytes) -> dict[str, Any]:
    """The record of an anomaly, without what may change."""
    return without(orjson.loads(payload), ADDED)


def snapshot(payload: bytes) -> dict[str, Any]:
    """A profile as it is published, without what may change."""
    found = without(orjson.loads(payload), SNAPSHOT_LEFT_OUT)
    return found | {"spend": without(found["spend"], SPEND_LEFT_OUT)}


def cursor(payload: bytes) -> dict[str, Any]:
    """A cursor, however it is written, as the one JSON record that it was first."""
    found = Cursor.decode(payload)
    return {
        "applied_through": found.applied_through,
        "sources": {str(lane): place for lane, place in sorted(found.sources.items())},
        "population": found.population.to_state(),
        "price_levels": found.price_levels.to_state(),
        "adopted": [found.adopted[what].record for what in sorted(found.adopted)],
        "time": found.time.to_state()[:CLOCK_NUMBERS],
    }


def model(version: ModelVersion) -> dict[str, Any]:
    """A model version, however it is written; of its watermarks the offset and how many examples it has of it."""
    return {
        "covers": version.covers,
        "event_time_ms": version.event_time_ms,
        "gaps": [list(gap) for gap in version.gaps],
        "learners": {what: plain(one) for what, one in version.learners.items()},
        "news": list(version.events),
        "version": version.version,
        "watermarks": {source_name(one): [mark.offset, mark.ordinal + 1] for one, mark in version.watermarks.items()},
    }


def columns(rows: npt.NDArray[np.void]) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """The fields of structured rows (n,) by their old names, in the order of these."""
    old_names = {new: old for old, new in FIELDS.items()}
    found = {old_names.get(name, name): name for name in rows.dtype.names or ()}
    new_fields = NEW_HEAD_FIELDS if "event_digest" in found else NEW_FIELDS
    for old in sorted(found):
        if old not in FIELDS_LEFT_OUT | set(chain(*JOINED.values())) and found[old] not in new_fields:
            yield old, np.ascontiguousarray(rows[found[old]])
    for old, (one, other) in JOINED.items():
        if {one, other} <= found.keys():
            yield old, np.maximum(rows[one], rows[other])


def fields(row: np.void) -> dict[str, Any]:
    """The fields of one structured row by their old names; each as base64 of its little-endian bytes."""
    return {name: b64encode(value.tobytes()).decode() for name, value in columns(np.array([row], row.dtype))}
