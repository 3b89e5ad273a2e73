"""Who is in which segment and lifecycle state, by the latest published snapshots."""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.query import items
from liveprofile.streams.query.reader import Reader


@dataclass(frozen=True, slots=True)
class Member:
    """A profile in a segment."""

    profile_id: str
    since: str
    """When it entered, RFC 3339."""
    lifecycle: str | None
    version: int
    last_seen: str


@dataclass(slots=True)
class Sizes:
    """How many profiles are where."""

    profiles: int = 0
    lifecycle: Counter[str] = field(default_factory=Counter)
    segments: Counter[str] = field(default_factory=Counter)
    none: int = 0
    """In no segment."""
    rules: Counter[str] = field(default_factory=Counter)
    """By which rules the snapshots were made: more than one while new rules are being applied."""

    def add(self, snapshot: Mapping[str, Any]) -> None:
        """Count a profile."""
        self.profiles += 1
        self.lifecycle.update(filter(None, [_state(snapshot)]))
        inside = list(_memberships(snapshot))
        self.segments.update(name for name, _ in inside)
        self.none += not inside
        self.rules.update(filter(None, [snapshot.get("rules")]))


async def sizes(reader: Reader, topics: Topics) -> Sizes:
    """How many profiles are in each segment and state."""
    found = Sizes()
    async for snapshot in _snapshots(reader, topics):
        found.add(snapshot)
    return found


async def members(reader: Reader, topics: Topics, name: str, only: Collection[str] | None = None) -> list[Member]:
    """The profiles in a segment, or those of them whose ids are in `only`, ordered by id."""
    found = []
    async for snapshot in _snapshots(reader, topics):
        profile_id = str(snapshot.get("profile_id"))
        since = dict(_memberships(snapshot)).get(name)
        if since is not None and (only is None or profile_id in only):
            last_seen = str(snapshot.get("last_seen", ""))
            found.append(Member(profile_id, since, _state(snapshot), int(snapshot.get("version", 0)), last_seen))
    return sorted(found, key=lambda one: one.profile_id)


async def _snapshots(reader: Reader, topics: Topics) -> AsyncIterator[Mapping[str, Any]]:
    for value in (await items.latest(reader, topics.profiles)).values():
        snapshot = orjson.loads(value)
        if isinstance(snapshot, dict):
            yield snapshot


def _memberships(snapshot: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for one in snapshot.get("segments") or ():
        yield str(one.get("name")), str(one.get("since"))


def _state(snapshot: Mapping[str, Any]) -> str | None:
    state = snapshot.get("lifecycle")
    return str(state.get("state")) if isinstance(state, Mapping) else None
