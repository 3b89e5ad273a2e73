"""The layouts of a cursor's record: what can be told of one without its parts, whichever known program wrote it."""

import zlib
from base64 import b64decode
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from liveprofile.profiles.fold.adoption import read_adopted
from liveprofile.profiles.fold.cursor_parts import unpack_lanes
from liveprofile.profiles.records.layouts import UnknownLayoutError
from liveprofile.profiles.state.codec import ROWS
from liveprofile.profiles.state.generation import AdoptedGeneration, adopted_generation

LAYOUT = 5
"""Layout of the record: 5 has parts; 4, with all in one record, named the layout of rows first; 3, which commit ae9fa68
wrote, did not. All three are read."""
WITHOUT_PARTS, WITHOUT_FINGERPRINT = 4, 3
MIGRATIONS = 16
"""Maximum number of layout changes kept."""


class Migration(NamedTuple):
    """A change of the row layout, as kept in the cursor."""

    before: str
    after: str
    since: int
    """Offset of the first activity that was folded into rows of the layout `after`."""


def applied_through_of(value: bytes) -> int:
    """Up to where the cursor of a record reaches, without its parts. `UnknownLayoutError` for a newer program's."""
    state = orjson.loads(value)
    row_layout_of(state)
    return int(state["applied_through"])


def generation_of(value: bytes) -> AdoptedGeneration | None:
    """The generation of the state that the cursor of a record has adopted, without its parts; None for the first."""
    state = orjson.loads(value)
    row_layout_of(state)
    return adopted_generation(dict(map(read_adopted, state["adopted"])))


def lanes_of(state: Mapping[str, Any]) -> dict[int, int]:
    """The positions in the record itself."""
    if "lanes" in state:
        return unpack_lanes(zlib.decompress(b64decode(state["lanes"])))
    return {int(lane): place for lane, place in state["sources"].items()}


def row_layout_of(state: Mapping[str, Any]) -> str:
    """The fingerprint of the rows' layout that a cursor's program had. `UnknownLayoutError` for a newer program."""
    number = state.get("layout")
    if number == WITHOUT_FINGERPRINT:
        return ROWS.layouts[0].fingerprint
    fingerprint = str(state.get("row_layout"))
    if number not in (LAYOUT, WITHOUT_PARTS) or fingerprint not in ROWS:
        raise UnknownLayoutError("a cursor", f"number {number}, rows {fingerprint}", f"{LAYOUT}, {ROWS.fingerprint}")
    return fingerprint


def migrations_of(state: Mapping[str, Any]) -> list[Migration]:
    """The migrations in the cursor, and one more if its program had another row layout."""
    before = row_layout_of(state)
    known = [Migration(*one) for one in state.get("migrations", ())]
    if before != ROWS.fingerprint:
        known.append(Migration(before, ROWS.fingerprint, state["applied_through"] + 1))
    return known[-MIGRATIONS:]
