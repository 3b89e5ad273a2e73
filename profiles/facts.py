"""Facts: what the fold says. Past tense, immutable, and the same bytes whenever the same log is folded again."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

NAMESPACE = UUID("6f0a4b0e-5d0c-5d55-9a53-6c1f0e1c7a11")
"""The namespace of fact ids."""


class Code(StrEnum):
    """Why something changed. A closed set: additions are a new version of the contract."""

    INTEREST_ENTERED = "INTEREST_ENTERED"
    """A topic's share of interest rose above the enter threshold."""
    INTEREST_LEFT = "INTEREST_LEFT"
    """A topic's share of interest fell below the exit threshold, or another one pushed it out."""
    INTEREST_SHIFTED = "INTEREST_SHIFTED"
    """A topic entered and another one left at once."""
    BRAND_FAVOURED = "BRAND_FAVOURED"
    """A brand's share of branded interest rose above the enter threshold."""
    BRAND_DROPPED = "BRAND_DROPPED"
    """A favoured brand's share fell below the exit threshold."""
    SPEND_BAND_ROSE = "SPEND_BAND_ROSE"
    """Recent spend crossed a band's lower bound upwards."""
    SPEND_BAND_FELL = "SPEND_BAND_FELL"
    """Recent spend decayed, or was refunded, well below the band's lower bound."""
    ACTIVE_HOURS_FOUND = "ACTIVE_HOURS_FOUND"
    """One part of the day holds most of the activity."""
    ACTIVE_HOURS_LOST = "ACTIVE_HOURS_LOST"
    """The said part of the day no longer stands out."""
    CLUSTER_ASSIGNED = "CLUSTER_ASSIGNED"
    """The first cluster of a profile."""
    CLUSTER_CHANGED = "CLUSTER_CHANGED"
    """Another cluster's centre is nearer by the margin."""


@dataclass(frozen=True, slots=True)
class Reason:
    """The rule that fired: its threshold, and what was observed."""

    code: Code
    rule: str
    threshold: float
    observed: float


@dataclass(frozen=True, slots=True)
class Change:
    """One path of the profile, before and after."""

    path: str
    op: str
    before: Any
    after: Any
    reason: Reason


@dataclass(frozen=True, slots=True)
class Evidence:
    """One of the few events that did it. No raw text."""

    event_id: str | None
    source: str
    ts: str
    contribution: float


@dataclass(frozen=True, slots=True)
class ProfileChanged:
    """One version of a profile: its changes are atomic, and versions are gapless."""

    profile_id: str
    version: int
    origin: str
    changes: list[Change]
    evidence: list[Evidence]
    models: dict[str, str | None]
    event_time_ms: int
    cause: str
    activity_offset: int
    """Where in `activity` the cause stands; not part of the record."""

    @property
    def fact_id(self) -> str:
        """UUIDv5 of profile id and version: the same after a crash or a replay."""
        return str(uuid5(NAMESPACE, f"{self.profile_id}/{self.version}"))

    def payload(self) -> dict[str, Any]:
        """The record's value."""
        return {
            "profile_id": self.profile_id,
            "version": self.version,
            "origin": self.origin,
            "changes": self.changes,
            "evidence": self.evidence,
            "models": self.models,
        }


@dataclass(frozen=True, slots=True)
class AnomalyChanged:
    """A step in an anomaly's life: see `AnomalyRaised` and `AnomalyCleared`."""

    profile_id: str
    kind: str
    serial: int
    severity: int
    score: float
    contributions: dict[str, float]
    evidence: list[Evidence]
    first_seen: str
    last_seen: str
    reading: str
    event_time_ms: int
    cause: str
    activity_offset: int

    state = "changed"

    @property
    def anomaly_id(self) -> str:
        """Stable over the anomaly's life."""
        return str(uuid5(NAMESPACE, f"{self.profile_id}/{self.kind}/{self.serial}"))

    @property
    def fact_id(self) -> str:
        """The same after a crash or a replay."""
        return str(uuid5(NAMESPACE, f"{self.profile_id}/{self.kind}/{self.serial}/{self.state}"))

    def payload(self) -> dict[str, Any]:
        """The record's value."""
        fields = asdict(self)
        for inner in ("event_time_ms", "cause", "serial", "activity_offset"):
            del fields[inner]
        return {"anomaly_id": self.anomaly_id, "state": self.state, "p_value": None} | fields


@dataclass(frozen=True, slots=True)
class AnomalyRaised(AnomalyChanged):
    """Behaviour is far from what is usual for this shopper."""

    state = "raised"


@dataclass(frozen=True, slots=True)
class AnomalyCleared(AnomalyChanged):
    """It is usual again, or has decayed."""

    state = "cleared"


def rfc3339(epoch_ms: int) -> str:
    """Epoch milliseconds as people and CloudEvents write time.

    >>> rfc3339(1_700_000_000_123)
    '2023-11-14T22:13:20.123Z'
    """
    seconds, rest = divmod(int(epoch_ms), 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"
