"""Scopes: what a token may do, and which fields of profiles it sees."""

from collections.abc import Iterable
from dataclasses import dataclass

from liveprofile.streams.errors import UserError
from liveprofile.streams.serve.auth.groups import FIELDS, GROUPS, group_of_path

PROFILE, SEGMENT, ANOMALY, MODEL = "profile:read", "segment:read", "anomaly:read", "model:read"
STREAM = "stream:read"
VERDICT, RULES, EVENTS, ERASE, ADMIN = "anomaly:verdict", "segment:write", "event:write", "erase", "admin"
METRICS = "metrics:read"
SCOPES: dict[str, str] = {
    PROFILE: "whole profiles, their changes, explanations and recommendations",
    **{f"{PROFILE}:{group}": f"of profiles and changes the fields of the group {group}" for group in GROUPS},
    SEGMENT: "segments: sizes, members, flows",
    ANOMALY: "anomalies of all profiles",
    MODEL: "clusters and models",
    STREAM: "topics, lag, workers, and refused records without what was sent",
    VERDICT: "verdicts on anomalies",
    RULES: "rules: preview, publication, undo",
    EVENTS: "events of shoppers",
    ERASE: "erasures",
    METRICS: "metrics of the service, for Prometheus",
    ADMIN: "everything",
}
"""Every scope with what it allows."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: the name of a token, or `local` where no token is needed."""

    name: str
    scopes: frozenset[str]

    def may(self, scope: str) -> bool:
        """Whether a scope is held."""
        return scope in self.scopes or ADMIN in self.scopes

    @property
    def sees_all(self) -> bool:
        """Whether whole profiles are seen."""
        return self.may(PROFILE)

    @property
    def groups(self) -> frozenset[str]:
        """The groups of fields that are seen."""
        if self.sees_all:
            return frozenset(GROUPS)
        return frozenset(group for group in GROUPS if f"{PROFILE}:{group}" in self.scopes)

    def sees_field(self, field: str) -> bool:
        """Whether a field of snapshots is seen."""
        return self.sees_all or FIELDS.get(field) in self.groups

    def sees_path(self, path: str) -> bool:
        """Whether changes of a path are seen.

        >>> support = Principal("support", frozenset({"profile:read:basic"}))
        >>> support.sees_path("segments"), support.sees_path("spend.band"), support.sees_path("newer")
        (True, False, False)
        """
        return self.sees_all or group_of_path(path) in self.groups


def checked_scopes(scopes: Iterable[str]) -> frozenset[str]:
    """The scopes. UserError for one that does not exist, or for none."""
    given = frozenset(scopes)
    if unknown := sorted(given - SCOPES.keys()):
        raise UserError(f"{unknown[0]!r} is not a scope.", f"Scopes are {', '.join(SCOPES)}.")
    if not given:
        raise UserError("A token without a scope may do nothing.", f"Give it some of {', '.join(SCOPES)}.")
    return given


LOCAL = Principal("local", frozenset({ADMIN}))
"""Whoever asks on this machine while there is no token."""
