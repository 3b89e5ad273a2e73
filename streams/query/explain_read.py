"""Reads the input of explanations: the published records of a profile, and the events that evidence refers to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from liveprofile.profiles.records.activity import Action, Kind, decode_heads, decode_tail, source_name
from liveprofile.profiles.records.screening import unreadable
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.query.explain_answer import Json, time_of
from liveprofile.streams.query.reader import Reader, decoded, header, places_of

SLACK_MS = 600_000
"""Event times lie at or before their arrival; those that older versions wrote lie up to half of this after it."""
MOST_LINES = 3
"""Shown lines of an order."""


Found = Mapping[str, Sequence["Event"]]
"""Events by source; several for the lines of an order."""


class Event(msgspec.Struct, frozen=True):
    """An event with the fields that `activity` has: no raw text except an item's title."""

    action: str
    category: str | None = None
    brand: str | None = None
    title: str | None = None
    lines: int = 1


async def published_of(reader: Reader, topic: str, profile_id: str) -> list[tuple[datetime, Json]]:
    """Every record of a profile on one of the output topics, with the time of its event."""
    key = profile_id.encode()
    published: list[tuple[datetime, Json]] = []
    async for records in reader.read_to_end(places_of(reader, topic, key)):
        published += [(time_of(header(r, "ce_time"), r.timestamp), decoded(r)) for r in records if r.key == key]
    return published


async def events_of(reader: Reader, topics: Topics, profile_id: str, evidence: Iterable[Json], dims: int) -> Found:
    """The events of evidence by source, if `activity` still has them; orders by line."""
    wanted = {str(one.get("source")): time_of(one.get("ts"), 0) for one in evidence}
    found: dict[str, dict[int, Event]] = {}
    if not wanted:
        return {}
    key = profile_id.encode()
    since_ms = round(min(wanted.values()).timestamp() * 1000) - SLACK_MS
    async for records in reader.read_to_end(places_of(reader, topics.activity, key), since_ms=since_ms):
        mine = [record.value for record in records if record.key == key and record.value]
        for source, line, event in _events(mine, dims):
            if source in wanted:
                found.setdefault(source, {})[line] = event
        if wanted.keys() <= found.keys() and _past(records, wanted.values()):
            break
    return {source: list(lines.values()) for source, lines in found.items()}


def _past(records: Sequence[Any], times: Iterable[datetime]) -> bool:
    """Whether the log is well past the events: the lines of an order may be in two batches."""
    return bool(records[-1].timestamp > max(times).timestamp() * 1000 + SLACK_MS)


def _events(values: Sequence[bytes], dims: int) -> Iterator[tuple[str, int, Event]]:
    """Source, line and event of each activity."""
    if not values:
        return
    heads = decode_heads(values, dims)
    broken = unreadable([b"0" * 32] * len(values), heads)
    for at, (value, head) in enumerate(zip(values, heads, strict=True)):
        if at not in broken and head["kind"] == Kind.EVENT:
            tail = decode_tail(value, dims)
            action = Action(int(head["action"])).name.lower()
            event = Event(action, tail.category, tail.brand, tail.title, int(head["lines"]))
            yield source_name(head["source"]), int(head["line"]), event


def event_words(events: Sequence[Event]) -> str:
    """An event as text for people.

    >>> event_words([Event("view", "home/kitchen", None, "Cast iron pan")])
    'view, home/kitchen, “Cast iron pan”'
    """
    first = events[0]
    if len(events) > 1:
        titles = ", ".join(f"“{one.title or one.category}”" for one in events[:MOST_LINES])
        more = f" and {len(events) - MOST_LINES} more" if len(events) > MOST_LINES else ""
        return f"{first.action} of {titles}{more}"
    named = f"“{first.title}”" if first.title else None
    return ", ".join(part for part in (first.action, first.category, first.brand, named) if part)


def utc(time: datetime) -> str:
    """A time as text."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
