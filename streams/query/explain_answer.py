"""Explanations: finds the change that gave a path its value, and earlier ones, in a profile's published changes.

Records are read as they are on the topics; records of an unknown kind are left out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from liveprofile.profiles.facts.wording import topic_name
from liveprofile.streams.query.explain_question import Question

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """One change of one path: its time, the record of its version, and the change within the record."""

    time: datetime
    record: Json
    change: Json

    @property
    def version(self) -> int:
        return int(self.record.get("version", 0))

    @property
    def path(self) -> str:
        return str(self.change.get("path"))


@dataclass(frozen=True, slots=True)
class Answer:
    """The explanation of a path's value."""

    now: ChangeRecord
    earlier: tuple[ChangeRecord, ...]
    """Earlier changes, newest first."""


def change_records(published: Iterable[tuple[datetime, Json]]) -> list[ChangeRecord]:
    """All changes of a profile in the order of its versions; a repeated version counts once."""
    versions: dict[int, tuple[datetime, Json]] = {}
    for time, record in published:
        if isinstance(record.get("changes"), list) and isinstance(record.get("version"), int):
            versions.setdefault(record["version"], (time, record))
    return [
        ChangeRecord(time, record, change)
        for _, (time, record) in sorted(versions.items())
        for change in record["changes"]
        if isinstance(change, Mapping)
    ]


def is_erased(records: Sequence[ChangeRecord]) -> bool:
    """Whether the last version is the erasure."""
    return bool(records) and records[-1].record.get("origin") == "erasure"


def answers(
    records: Sequence[ChangeRecord], asked: Question, *, at: datetime | None = None, before: int = 5
) -> Iterator[Answer]:
    """For each path of the question: the last change until `at`, and up to `before` earlier ones."""
    known = [one for one in records if at is None or one.time <= at]
    for path in asked.paths:
        about = [one for one in known if one.path == path and _concerns(one.change, asked.member)]
        if about:
            yield Answer(about[-1], tuple(about[-2 : -2 - before : -1]))


def members(records: Iterable[ChangeRecord], path: str) -> list[str]:
    """All members that a path's set ever had, in the order of their first change."""
    found = [
        name for one in records if one.path == path for side in ("before", "after") for name in _names(one.change, side)
    ]
    return list(dict.fromkeys(found))


def _concerns(change: Json, member: str | None) -> bool:
    """Whether a change concerns the member: it was added or removed, or it is the only value of the change."""
    if member is None:
        return True
    before, after = _has(change, "before", member), _has(change, "after", member)
    whole = any(isinstance(change.get(side), list) for side in ("before", "after"))
    return before != after if whole else before or after


def _has(change: Json, side: str, member: str) -> bool:
    wanted = member.lower()
    return any(wanted in (name.lower(), topic_name(name).lower()) for name in _names(change, side))


def _names(change: Json, side: str) -> list[str]:
    """Names before or after the change: of names, of objects with a name or a topic, or of attributes."""
    value = change.get(side)
    return [name for item in (value if isinstance(value, list) else [value]) for name in _named(item)]


def _named(item: Any) -> list[str]:
    if isinstance(item, Mapping):
        name = item.get("name") or item.get("topic")
        return [name] if isinstance(name, str) else [str(key) for key in item]
    return [item] if isinstance(item, str) else []


@dataclass(frozen=True, slots=True)
class Case:
    """One anomaly: its steps in order, each with its time."""

    steps: tuple[tuple[datetime, Json], ...]

    @property
    def last(self) -> Json:
        return self.steps[-1][1]

    @property
    def is_open(self) -> bool:
        return self.last.get("state") != "cleared"


def cases(published: Iterable[tuple[datetime, Json]], asked: Question, *, at: datetime | None = None) -> list[Case]:
    """A profile's anomalies of the requested kinds, newest first; a repeated step counts once."""
    found: dict[str, dict[bytes, tuple[datetime, Json]]] = {}
    for time, record in published:
        if record.get("kind") in asked.kinds and (at is None or time <= at):
            step = repr(sorted(record.items(), key=lambda item: item[0])).encode()
            found.setdefault(str(record.get("anomaly_id")), {}).setdefault(step, (time, record))
    return sorted((Case(tuple(steps.values())) for steps in found.values()), key=lambda one: one.steps[0][0])[::-1]


def time_of(text: str | None, otherwise_ms: int) -> datetime:
    """An RFC 3339 time, or the given one if there is none."""
    try:
        parsed = datetime.fromisoformat(text or "")
    except ValueError:
        return datetime.fromtimestamp(otherwise_ms / 1000, UTC)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def objects(value: Any) -> list[Json]:
    """The objects in a list; empty for another value."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
