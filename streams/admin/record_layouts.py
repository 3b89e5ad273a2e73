"""Tells the layout of one record of an internal topic, and what this version does with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

import orjson

from liveprofile.models.learners.kind import ExampleKind
from liveprofile.models.snapshot import SCHEMA, WHOLE, NewerSchemaError, SnapshotError, decode_whole, opened, schema_of
from liveprofile.models.snapshot_records import is_manifest
from liveprofile.profiles.fold.cursor import CURSOR_KEY, NAME_PREFIX, row_layout_of
from liveprofile.profiles.fold.cursor_parts import PART_PREFIX
from liveprofile.profiles.records.activity import HEADS, decode_heads
from liveprofile.profiles.records.layouts import Family, UnknownLayoutError
from liveprofile.profiles.records.training_example import EXAMPLES
from liveprofile.profiles.records.training_example import decode as decode_example
from liveprofile.profiles.state.codec import ROWS, decode_rows, layout_of

MOST_NAMES = 4
"""Fields that a summary names one by one."""


class Verdict(StrEnum):
    """What becomes of records."""

    AS_THEY_ARE = "read as they are"
    MIGRATED = "migrated"
    NEWER = "refused: written by a newer program"
    DAMAGED = "refused: damaged"
    PASSED_OVER = "passed over: no record of ours"


class Found(NamedTuple):
    """The kind and layout of a record, and what becomes of it."""

    what: str
    layout: str
    verdict: Verdict
    details: str = ""
    fields: str = ""
    """Where records are migrated: all that happens to their fields."""


Reader = Callable[[bytes | None, bytes | None, int], Found | None]
"""Tells a record by key, value and dimensions; None for a tombstone and for what has no layout."""


@lru_cache(maxsize=64)
def _known(what: str, family: Family, fingerprint: str) -> Found:
    """What becomes of records of a known layout."""
    number = next(one.number for one in family.layouts if one.fingerprint == fingerprint)
    layout = f"{number} ({fingerprint})"
    if fingerprint == family.fingerprint:
        return Found(what, layout, Verdict.AS_THEY_ARE)
    changes = family.changes(fingerprint)
    return Found(what, layout, Verdict.MIGRATED, changes.words(most=MOST_NAMES), changes.words())


def _cursor(rows: Found) -> Found:
    """A cursor, by the layout of the rows that go with it."""
    noted = "notes the change of its profiles' layout" if rows.verdict == Verdict.MIGRATED else ""
    return rows._replace(details=noted, fields="")


def state_record(key: bytes | None, value: bytes | None, dims: int) -> Found | None:
    """A profile or a cursor; names, and the parts of cursors, have no layout of their own."""
    if key is None or value is None or key.startswith((NAME_PREFIX, PART_PREFIX)):
        return None
    what = "cursor" if key == CURSOR_KEY else "profile"
    try:
        if key == CURSOR_KEY:
            return _cursor(_known(what, ROWS, row_layout_of(orjson.loads(value))))
        decode_rows([value], dims)
        return _known(what, ROWS, layout_of(value))
    except UnknownLayoutError as error:
        return Found(what, value[:8].hex() if what == "profile" else "newer", Verdict.NEWER, error.message)
    except (ValueError, LookupError) as error:
        return Found(what, value[:4].hex(), Verdict.DAMAGED, str(error).partition(":")[0])


def activity(key: bytes | None, value: bytes | None, dims: int) -> Found | None:
    """An activity. A damaged one goes to dead-letters, and the fold goes on."""
    del key
    if not value:
        return None
    try:
        heads = decode_heads([value], dims)
    except UnknownLayoutError as error:
        return Found("activity", str(value[0]), Verdict.NEWER, error.message)
    except ValueError as error:
        return Found("activity", str(value[0]), Verdict.DAMAGED, str(error))
    layout = HEADS.of_number(value[0])
    if layout is None or not heads["layout"][0]:
        return Found("activity", "none", Verdict.PASSED_OVER, "goes to dead-letters")
    return _known("activity", HEADS, layout.fingerprint)


def example(key: bytes | None, value: bytes | None, dims: int) -> Found | None:
    """An example that models learn from."""
    del dims
    if not value:
        return None
    try:
        found = decode_example(key, value)
    except UnknownLayoutError as error:
        return Found("example", str(value[0]), Verdict.NEWER, error.message)
    if found is None:
        return Found("example", "none", Verdict.PASSED_OVER)
    kind = ExampleKind(found.kind)
    layout = EXAMPLES[kind].of_number(value[0])
    return _known(f"example {kind.name.lower()}", EXAMPLES[kind], layout.fingerprint) if layout else None


def model(key: bytes | None, value: bytes | None, dims: int) -> Found | None:
    """A model version: one record, or the manifest of its parts. Parts have no layout of their own."""
    del dims
    if value is None or key is None or not is_manifest(key):
        return None
    try:
        schema = schema_of(value)
        decode_whole(value) if schema == WHOLE else opened(value, SCHEMA)
    except NewerSchemaError as error:
        return Found("model version", str(error.schema), Verdict.NEWER, str(error))
    except SnapshotError as error:
        return Found("model version", "none", Verdict.PASSED_OVER, f"{error}; the version before is used")
    return Found("model version", str(schema), Verdict.AS_THEY_ARE)


READERS: Mapping[str, Reader] = {"state": state_record, "activity": activity, "examples": example, "models": model}
"""By the topic's part in the application."""
