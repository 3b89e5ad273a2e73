"""Chooses records of the output topics: those of one profile, path, segment or kind, and of at least some severity."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for; None asks for everything. All that is given must fit.

    >>> Filters(path="interests").take({"changes": [{"path": "interests.long"}, {"path": "brands"}]})
    True
    >>> Filters(min_severity=50).take({"severity": 49})
    False
    """

    profile: str | None = None
    """A profile id, or the start of one."""
    path: str | None = None
    """A path of changes, or the start of one up to a dot."""
    segment: str | None = None
    kind: str | None = None
    min_severity: int | None = None

    def take(self, record: Mapping[str, Any]) -> bool:
        """Whether the record is asked for."""
        changes = [one for one in record.get("changes") or () if isinstance(one, Mapping)]
        return (
            (self.profile is None or str(record.get("profile_id", "")).startswith(self.profile.lower().rstrip("…")))
            and (self.path is None or any(_below(str(one.get("path")), self.path) for one in changes))
            and (self.segment is None or any(_moves(one, self.segment) for one in changes))
            and (self.kind is None or record.get("kind") == self.kind)
            and (self.min_severity is None or _number(record.get("severity")) >= self.min_severity)
        )


def _below(path: str, asked: str) -> bool:
    return path == asked or path.startswith(f"{asked}.")


def _moves(change: Mapping[str, Any], segment: str) -> bool:
    """Whether a change enters or leaves a segment."""
    before, after = (change.get(side) or () for side in ("before", "after"))
    return change.get("path") == "segments" and (segment in before) != (segment in after)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else -1.0
