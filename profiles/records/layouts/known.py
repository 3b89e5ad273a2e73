"""All layouts ever written, as data: one JSON file for each kind of record, the present layout last.

    {"layouts": [{"number": first byte of the record, "fingerprint", "renamed": {old name: new name} since the layout
     before, "fields": [[name, type, shape]...]}...]}

`python -m tests.upgrade.layouts` adds the present layout after a change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from liveprofile.profiles.records.layouts.fields import Fields

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Layout:
    """One layout of a kind of record."""

    fingerprint: str
    number: int
    """The first byte of its records."""
    fields: Fields
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Old name to new name of the fields that the layout before has under another name."""


@lru_cache(maxsize=16)
def read_known(name: str) -> tuple[Layout, ...]:
    """The known layouts of a kind of record, the oldest first; none if the file does not exist."""
    path = FOLDER / f"{name}.json"
    return tuple(map(_layout, orjson.loads(path.read_bytes())["layouts"])) if path.exists() else ()


def _layout(entry: Mapping[str, Any]) -> Layout:
    fields = tuple((name, kind, *map(tuple, shape)) for name, kind, *shape in entry["fields"])
    return Layout(entry["fingerprint"], entry["number"], fields, entry.get("renamed", {}))
