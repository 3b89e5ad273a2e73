"""Facts: output records of the fold. They are past tense, immutable, and byte-identical when a log is folded again."""

from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha1
from typing import Any, Generic, Literal, Self, TypeVar
from uuid import UUID

import msgspec

from liveprofile.profiles.records.decode import decode_record
from liveprofile.profiles.traits.registry import REASONS

NAMESPACE = UUID("6f0a4b0e-5d0c-5d55-9a53-6c1f0e1c7a11")
"""The namespace of fact ids."""
_YEAR_1_MS, _YEAR_9999_MS = -62_135_596_800_000, 253_402_300_799_999


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
    CLUSTER_ASSIGNED = "CLUSTER_ASSIGNED"
    """The first cluster of a profile."""
    CLUSTER_CHANGED = "CLUSTER_CHANGED"
    """Another cluster's centre is nearer by the margin."""
    LIFECYCLE_CHANGED = "LIFECYCLE_CHANGED"
    """Another state of the lifecycle is the first one whose rule holds."""
    SEGMENT_ENTERED = "SEGMENT_ENTERED"
    """A segment's rule to enter holds."""
    SEGMENT_LEFT = "SEGMENT_LEFT"
    """A segment's rule to leave holds, and its least stay is over; or the shop has removed the segment."""
    SEGMENT_REFUSED = "SEGMENT_REFUSED"
    """The person does not want to be in the segment: it is left at once, and not entered until they accept it."""
    CHANCE_ROSE = "CHANCE_ROSE"
    """A predicted chance entered a higher band: its odds against the usual rate crossed the band's bound."""
    CHANCE_FELL = "CHANCE_FELL"
    """A predicted chance fell well below its band's bound."""
    SLOT_OPENED = "SLOT_OPENED"
    """An interest of its own carries enough of the shopper's weight."""
    SLOT_CLOSED = "SLOT_CLOSED"
    """An interest said before carries little now, or went into another."""
    INTENT_FOUND = "INTENT_FOUND"
    """A session is clearly about one topic."""
    INTENT_SHIFTED = "INTENT_SHIFTED"
    """A session is about another topic than the one said last."""
    INTENT_LOST = "INTENT_LOST"
    """A session is no longer about the topic said last, nor clearly about another."""
    DECLARED = "DECLARED"
    """The person said something of themself. It stands beside what is inferred, which never overwrites it."""
    CORRECTED = "CORRECTED"
    """The person put an inferred attribute right: theirs is shown, and what was inferred is no longer said."""
    WITHDRAWN = "WITHDRAWN"
    """The person took back what they had said of themself."""
    ERASED = "ERASED"
    """The profile was erased on demand. Forget everything about it, open anomalies included; nothing comes after it."""
    vars().update({code: code for code in REASONS})  # traits declare theirs, see `traits.trait.Why`


class Reason(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The rule that fired: its threshold, and what was observed."""

    code: Code
    rule: str
    threshold: float
    observed: float
    condition: str | None = None
    """Of rules of segments: the comparison that decided, as it would be written."""
    observed_name: str | None = None
    """Of a comparison with a name: the name that was observed, for which `observed` stands."""


Origin = Literal["live", "replay", "timer", "merge", "erasure", "feedback"]
"""Where a change comes from."""


class Change(msgspec.Struct, frozen=True, gc=False):
    """One path of the profile, before and after."""

    path: str
    op: Literal["add", "remove", "replace"]
    before: Any
    after: Any
    reason: Reason
    message: str = ""
    """What changed and why, as a sentence; empty in records of versions before it was written."""


class Evidence(msgspec.Struct, frozen=True, gc=False):
    """One of the few events that did it. No raw text."""

    event_id: str | None
    source: str
    ts: str
    contribution: float


class ProfileChanged(msgspec.Struct, frozen=True, gc=False):
    """The record of one version of a profile: its changes are atomic, and versions are gapless.

    A record of the topic `profile-changes`; its key is the profile id, its `ce_id` header is `fact_id`. Versions count
    from 1. `origin` is "erasure" in the last record of a profile that was erased: forget everything about it.

    >>> value = b'{"profile_id": "a57ad515edc580a1", "version": 2, "origin": "live", "changes": [], "evidence": []'
    >>> ProfileChanged.decode(value + b', "models": {}, "unknown_to_this_version": 1}')
    ProfileChanged(profile_id='a57ad515edc580a1', version=2, origin='live', changes=[], evidence=[], models={})
    """

    profile_id: str
    version: int
    origin: Origin
    changes: list[Change]
    evidence: list[Evidence]
    models: dict[str, str | None]

    @classmethod
    def decode(cls, value: bytes) -> Self:
        """The record in a value of the topic. Fields that are not known are dropped; raises `DecodeError`."""
        return decode_record(cls, value)

    @property
    def number(self) -> int:
        """What orders the facts of a profile."""
        return self.version

    @property
    def fact_id(self) -> str:
        """UUIDv5 of profile id and version: the same after a crash or a replay."""
        return fact_uuid(f"{self.profile_id}/{self.version}")


class AnomalyChanged(msgspec.Struct, frozen=True, gc=False):
    """The record of a step in an anomaly's life; `anomaly_id` stays the same from raised to cleared.

    A record of the topic `profile-anomalies`; its key is the profile id, its `ce_id` header is `fact_id`. Times are
    RFC 3339 in UTC, by the clock of events. Each record holds all that is known of the anomaly by then.

    >>> AnomalyChanged.decode(b'{"anomaly_id": 7}')
    Traceback (most recent call last):
    liveprofile.profiles.records.decode.DecodeError: AnomalyChanged: Expected `str`, got `int` - at `$.anomaly_id`
    """

    anomaly_id: str
    profile_id: str
    state: Literal["raised", "updated", "cleared"]
    kind: str
    serial: int
    """The how-manieth anomaly of its kind this is for the profile."""
    step: int
    """The how-manieth fact about it this is, from 1."""
    severity: int
    """0 to 100: 50 at the threshold, 10 more for each power of ten of the p-value."""
    score: float
    p_value: float | None
    """Share of usual sessions in which all voters together say as much; null before the voters were calibrated."""
    contributions: dict[str, float]
    """The numbers behind the score."""
    votes: dict[str, float]
    """-log10 of the p-value of each voter that says anything."""
    rule: str | None
    """The named rule that holds, of an anomaly of kind rule."""
    evidence: list[Evidence]
    first_seen: str
    last_seen: str
    reading: str
    message: str = ""
    """What happened to the anomaly, as a sentence; empty in records of versions before it was written."""

    @classmethod
    def decode(cls, value: bytes) -> Self:
        """The record in a value of the topic. Fields that are not known are dropped; raises `DecodeError`."""
        return decode_record(cls, value)

    @property
    def number(self) -> int:
        """What orders the anomalies of a profile and kind."""
        return self.serial

    @property
    def fact_id(self) -> str:
        """The same after a crash or a replay."""
        step = f"/{self.step}" if self.state == "updated" else ""
        return fact_uuid(f"{self.anomaly_id}/{self.state}{step}")


def fact_uuid(name: str) -> str:
    """UUIDv5 (RFC 9562) of a name in `NAMESPACE`; written out, since the standard library's takes four times as long.

    >>> import uuid
    >>> fact_uuid("a/1") == str(uuid.uuid5(NAMESPACE, "a/1"))
    True
    """
    number = int.from_bytes(sha1(NAMESPACE.bytes + name.encode(), usedforsecurity=False).digest()[:16])
    number = number & ~(0xF000 << 64) & ~(0xC000 << 48) | 0x5000 << 64 | 0x8000 << 48
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def anomaly_id(profile_id: str, kind: str, serial: int) -> str:
    """The stable id of a profile's anomaly."""
    return fact_uuid(f"{profile_id}/{kind}/{serial}")


Record = TypeVar("Record", ProfileChanged, AnomalyChanged)


class Fact(msgspec.Struct, Generic[Record], frozen=True, gc=False):
    """A record, and what caused it: for the envelope, not for the record itself."""

    record: Record
    time_ms: int
    """Event time of the cause, epoch milliseconds."""
    cause: str
    """The client's event id, or the place of the input record."""
    activity_offset: int
    """Where in `activity` the cause stands."""

    @property
    def payload(self) -> bytes:
        """The record as JSON: the same bytes whenever the same log is folded."""
        return _ENCODER.encode(self.record)


_ENCODER = msgspec.json.Encoder()


@lru_cache(maxsize=65_536)
def rfc3339(epoch_ms: int) -> str:
    """Epoch milliseconds as people and CloudEvents write time; beyond the years 1 to 9999 the nearest one.

    Snapshots write the same moments over and over, so the last ones are remembered.

    >>> rfc3339(1_700_000_000_123)
    '2023-11-14T22:13:20.123Z'
    """
    minutes, ms = divmod(min(max(int(epoch_ms), _YEAR_1_MS), _YEAR_9999_MS), 60_000)
    return f"{_minute(minutes)}{ms // 1000:02d}.{ms % 1000:03d}Z"


@lru_cache(maxsize=4096)
def _minute(minutes: int) -> str:
    """Date, hour and minute. Events come close together, so this is nearly always remembered."""
    return datetime.fromtimestamp(minutes * 60, UTC).isoformat()[:17]
