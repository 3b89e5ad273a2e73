"""A worker of another version: the command `liveprofile`, which writes more than today's, or knows less.

`NEWER=fields` adds what today's readers do not know to every internal record; with `NEWER=less` the worker does not
know today's layout of profiles: to it, today's records are a newer program's. The product has no such switches.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import orjson

from liveprofile.streams.cli.main import main


def further_fields() -> None:
    """Activities with a seventh text, cursors and manifests of models with a field more, facts with a header more."""
    from liveprofile.models.snapshot import sealed
    from liveprofile.profiles.fold.cursor import Cursor
    from liveprofile.streams.contract.cloud_events import CloudEvents
    from liveprofile.streams.stages.ingest import encode
    from liveprofile.streams.stages.learn import stage as learn

    tail, cursor, records, fact = encode._tail, Cursor.records, learn.to_records, CloudEvents._fact

    def longer_tail(*arguments: Any) -> bytes:
        texts = orjson.loads(tail(*arguments) or b"[]")
        return orjson.dumps(texts + [None] * (6 - len(texts)) + ["a text to come"])

    def richer_cursor(self: Cursor) -> list[tuple[bytes, bytes]]:
        *parts, (key, value) = cursor(self)
        return [*parts, (key, orjson.dumps(orjson.loads(value) | {"to_come": {"a": [1, 2]}}))]

    def richer_manifest(model: Any) -> list[tuple[bytes, bytes]]:
        *parts, (key, manifest) = records(model)
        body = orjson.loads(manifest) | {"to_come": "a field"}
        del body["sha256"]
        return [*parts, (key, sealed(body))]

    def richer_fact(self: CloudEvents, *arguments: Any) -> Any:
        key, value, headers = fact(self, *arguments)
        return key, value, [*headers, ("ce_tocome", b"1")]

    encode._tail, learn.to_records = longer_tail, richer_manifest
    Cursor.records, CloudEvents._fact = richer_cursor, richer_fact  # type: ignore[method-assign]


def other_layout() -> None:
    """A row whose first field has another name; it is refused before any row is read."""
    from liveprofile.profiles.fold import cursor
    from liveprofile.profiles.records.layouts import Family
    from liveprofile.profiles.state import codec
    from liveprofile.profiles.state.row import row_dtype

    def older(dims: int) -> np.dtype[np.void]:
        (_, kind), *others = row_dtype(dims).descr
        return np.dtype([("folded", kind), *others])

    codec.ROWS = cursor.ROWS = Family("row", older, codec.LAYOUT, known=(), words=True)


NEWER: dict[str, Callable[[], None]] = {"fields": further_fields, "less": other_layout}

if __name__ == "__main__":
    NEWER[os.environ["NEWER"]]()
    main()
