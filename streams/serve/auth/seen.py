"""Cuts records down to what a token sees, before they leave; what is not seen is not decoded either."""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec
import orjson

from liveprofile.streams.serve.auth.groups import RULED
from liveprofile.streams.serve.auth.scopes import Principal

_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ENCODER = msgspec.json.Encoder()


def seen_snapshot(value: bytes, who: Principal, fields: Collection[str] | None = None) -> bytes:
    """A snapshot with the fields that are asked for and seen; the very bytes where that is all of them.

    >>> seen_snapshot(b'{"version":2,"spend":{"band":"high"}}', Principal("", frozenset({"profile:read:basic"})))
    b'{"version":2}'
    """
    if fields is None and who.sees_all:
        return value
    found = _FIELDS.decode(value)
    kept = {
        name: raw
        for name, raw in found.items()
        if (fields is None or name in fields or name in ("profile_id", "version")) and who.sees_field(name)
    }
    return _ENCODER.encode(kept)


def seen_change(value: bytes, who: Principal) -> bytes | None:
    """A change record with the changes that are seen; None where none of them is."""
    if who.sees_all:
        return value
    record = orjson.loads(value)
    seen = seen_changes(record.get("changes") or (), who)
    if not seen:
        return None
    kept = {name: record[name] for name in ("profile_id", "version", "origin") if name in record}
    return orjson.dumps({**kept, "changes": seen})


def seen_changes(changes: Collection[Any], who: Principal) -> list[Mapping[str, Any]]:
    """The changes of paths that are seen; a reason of rules is cut down to its code, since it has other values."""
    seen: list[Mapping[str, Any]] = [
        one for one in changes if isinstance(one, dict) and who.sees_path(str(one.get("path")))
    ]
    return seen if who.sees_all else [_without_reason(one) if one.get("path") in RULED else one for one in seen]


def _without_reason(change: Mapping[str, Any]) -> dict[str, Any]:
    reason = change.get("reason") or {}
    kept = {name: reason[name] for name in ("code", "rule") if name in reason}
    return {name: change[name] for name in ("path", "op", "before", "after") if name in change} | {"reason": kept}
