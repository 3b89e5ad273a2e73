"""A worker of another version: the command `liveprofile`, which writes more than today's, or knows less.

`NEWER=fields` adds what today's readers do not know to every internal record; with `NEWER=less` the worker does not
know today's layout of profiles: to it, today's records are a newer program's. The product has no such switches.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import numpy as np
import orjson

from liveprofile.streams.cli.main import main


def further_fields() -> None:
    """Activities with a seventh text, cursors and model versions with a further field, facts with a further header."""
    from liveprofile.profiles.fold.cursor import Cursor
    from liveprofile.streams.contract.cloud_events import CloudEvents
    from liveprofile.streams.stages.ingest import encode
    from liveprofile.streams.stages.learn import stage as learn

    tail, cursor, snapshot, fact = encode._tail, Cursor.encode, learn.encode, CloudEvents._fact

    def longer_tail(*arguments: Any) -> bytes:
        texts = orjson.loads(tail(*arguments) or b"[]")
        return orjson.dumps(texts + [None] * (6 - len(texts)) + ["a text to come"])

    def richer_cursor(self: Cursor) -> bytes:
        return orjson.dumps(orjson.loads(cursor(self)) | {"to_come": {"a": [1, 2]}})

    def richer_snapshot(model: Any) -> bytes:
        body = orjson.loads(snapshot(model)) | {"to_come": "a field"}
        del body["sha256"]
        body["sha256"] = sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()
        return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)

    def richer_fact(self: CloudEvents, *arguments: Any) -> Any:
        key, value, headers = fact(self, *arguments)
        return key, value, [*headers, ("ce_tocome", b"1")]

    encode._tail, learn.encode = longer_tail, richer_snapshot
    Cursor.encode, CloudEvents._fact = richer_cursor, richer_fact  # type: ignore[method-assign]


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
