"""A profile as of an earlier version: what was published of it, by undoing the changes that came after.

Versions are gapless and each change has the value before it, so what was published is exact. What a snapshot has
besides, sums and shares that decay, was never published by version, and is named as unknown.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import orjson
from litestar import Response

from liveprofile.profiles.facts.facts import rfc3339
from liveprofile.profiles.state.row import PATHS
from liveprofile.streams.serve.api.problems import ProblemError
from liveprofile.streams.serve.api.reading import answer, snapshot_of
from liveprofile.streams.serve.api.times import time_of
from liveprofile.streams.serve.auth.scopes import Principal
from liveprofile.streams.serve.service import Service
from liveprofile.streams.serve.store.envelope import Stored

BY_PART = ("interests.slots", "declared")
"""Paths of which a change has only the part that changed: a slot, an attribute."""
UNKNOWN = ("events", "hours.histogram", "session", "recent", "spend.total", "traits", "quality", "vectors")
"""What no change has."""
Json = Mapping[str, Any]


class ProfileAt(msgspec.Struct, frozen=True):
    """What was published of a profile up to a version."""

    profile_id: str
    version: int
    time: str | None
    """Of the last event of this version; null before the first one."""
    newest: int
    """The present version."""
    values: dict[str, Any]
    """By path, as in changes; null where nothing was published."""
    exact: list[str]
    """The paths of which the value is exact."""
    unknown: list[str]
    """What cannot be told of the past: it decays with every event, and only its present value is known."""


def answer_at(
    service: Service, who: Principal, profile_id: bytes, version: int | None, at: str | None
) -> Response[bytes]:
    """The answer for `?version=` or `?at=`. A ProblemError where the version is not kept, or does not exist."""
    if version is not None and at is not None:
        raise ProblemError("bad-request", "version and at exclude each other.")
    snapshot = snapshot_of(service, profile_id)
    history = list(service.store.history.of(profile_id))
    wanted = version if version is not None else _version_at(history, time_of("at", at) or 0)
    newest = max([snapshot.number, *(one.number for one in history)])
    if wanted > newest:
        raise ProblemError("not-found", f"The newest version is {newest}.")
    oldest = history[0].number if history else snapshot.number + 1
    if wanted < oldest - 1:
        raise ProblemError("not-kept", f"Changes are kept from version {oldest} on.", oldest=oldest - 1)
    values = values_at(orjson.loads(snapshot.value), [orjson.loads(one.value) for one in history], wanted)
    time_ms = next((one.time_ms for one in reversed(history) if one.number <= wanted), None)
    seen = {path: value for path, value in values.items() if who.sees_path(path)}
    found = ProfileAt(
        profile_id.hex(),
        wanted,
        rfc3339(time_ms) if time_ms is not None else None,
        newest,
        seen,
        list(seen),
        [one for one in UNKNOWN if who.sees_field(one.partition(".")[0])],
    )
    return answer(msgspec.json.encode(found))


def values_at(snapshot: Json, records: Iterable[Json], version: int) -> dict[str, Any]:
    """The published value of every path at a version, by a snapshot and all kept change records of the profile."""
    changes = [(int(one["version"]), change) for one in records for change in one.get("changes") or ()]
    paths = dict.fromkeys([*PATHS, *(str(change["path"]) for _, change in changes)])
    return {
        path: _value_at(path, snapshot, [one for one in changes if one[1]["path"] == path], version) for path in paths
    }


def _value_at(path: str, snapshot: Json, changes: list[tuple[int, Json]], version: int) -> Any:
    if path in BY_PART:
        return _parts_at(path, snapshot, changes, version)
    until = [change for number, change in changes if number <= version]
    if until:
        return until[-1]["after"]
    later = [change for number, change in changes if number > version]
    return later[0]["before"] if later else _present(path, snapshot)


def _parts_at(path: str, snapshot: Json, changes: list[tuple[int, Json]], version: int) -> Any:
    """The present parts, without those that came later, and with those that went later."""
    parts = _present(path, snapshot)
    for number, change in reversed(changes):
        if number > version:
            for name in _parts(path, change["after"]):
                parts.pop(name, None)
            parts |= _parts(path, change["before"])
    return parts


def _parts(path: str, value: Any) -> dict[str, Any]:
    """A side of a change by part."""
    if not isinstance(value, Mapping):
        return {}
    return {str(value.get("slot")): dict(value)} if path == "interests.slots" else dict(value)


def _present(path: str, snapshot: Json) -> Any:
    """The value of a path in a snapshot, as changes have it."""
    said = snapshot.get("said") or {}
    traits = snapshot.get("traits") or {}
    match path.split("."):
        case ["interests", "session" | "short" | "long" as scale]:
            return said.get(scale, [])
        case ["interests", "slots"]:
            slots = (one for one in snapshot.get("slots") or ())
            return {str(one["slot"]): {name: one.get(name) for name in ("slot", "topic", "item")} for one in slots}
        case ["interests", "intent"]:
            return (snapshot.get("intent") or {}).get("topic")
        case ["declared"]:
            return {one["name"]: one["value"] for one in snapshot.get("declared") or ()}
        case ["spend", "band"]:
            return (snapshot.get("spend") or {}).get("band")
        case ["hours"]:
            return (snapshot.get("hours") or {}).get("daypart")
        case ["cluster"]:
            return (snapshot.get("cluster") or {}).get("id")
        case ["lifecycle"]:
            return (snapshot.get("lifecycle") or {}).get("state")
        case ["segments"]:
            return [one["name"] for one in snapshot.get("segments") or ()]
        case ["predictions", *task]:
            return ((snapshot.get("predictions") or {}).get(".".join(task)) or {}).get("band")
        case ["price", "band"]:
            return (traits.get("price") or {}).get("band")
        case ["discounts" | "sentiment" as trait]:
            return (traits.get(trait) or {}).get("band")
        case ["days"]:
            return (traits.get("days") or {}).get("mostly")
        case _:
            return None


def _version_at(history: list[Stored], at_ms: int) -> int:
    """The last version until a time; 0 before the first."""
    return max((one.number for one in history if one.time_ms <= at_ms), default=0)
