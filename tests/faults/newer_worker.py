"""A worker of a version to come: the command `liveprofile`, whose records hold more than today's, or are laid out anew.

`NEWER=fields` adds what today's readers do not know to every internal record; `NEWER=layout` lays profiles out in
another way. The product has no such switches.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from typing import Any

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


def another_layout() -> None:
    """State records whose first byte says that they are laid out in another way."""
    from liveprofile.profiles.state import codec

    codec.LAYOUT += 1


NEWER: dict[str, Callable[[], None]] = {"fields": further_fields, "layout": another_layout}

if __name__ == "__main__":
    NEWER[os.environ["NEWER"]]()
    main()
