"""Facts: output records of the fold. They are past tense, immutable, and byte-identical when a log is folded again."""

from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha1
from typing import Annotated, Any, Generic, Literal, Self, TypeVar, get_args
from uuid import UUID

import msgspec

from liveprofile.profiles.records.decode import decode_record
from liveprofile.profiles.traits.registry import REASONS

NAMESPACE = UUID("6f0a4b0e-5d0c-5d55-9a53-6c1f0e1c7a11")
"""The namespace of fact ids."""
_VARIANT = {f"{digit:x}": f"{digit & 3 | 8:x}" for digit in range(16)}
"""The first digit of a UUID's fourth group by that of the digest: its two upper bits are 10."""
YEAR_1_MS, YEAR_9999_MS = -62_135_596_800_000, 253_402_300_799_999


class Code(StrEnum):
    """Reason code of a change. Later versions may add codes; none is ever removed or given another meaning."""

    INTEREST_ENTERED = "INTEREST_ENTERED"
    """A topic's share of interest rose above the enter threshold."""
    INTEREST_LEFT = "INTEREST_LEFT"
    """A topic's share of interest fell below the exit threshold, or another topic replaced it."""
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
    """The first lifecycle state with a rule that holds is another one."""
    SEGMENT_ENTERED = "SEGMENT_ENTERED"
    """A segment's enter rule holds."""
    SEGMENT_LEFT = "SEGMENT_LEFT"
    """A segment's exit rule holds, and its minimum stay is over; or the shop has removed the segment."""
    SEGMENT_REFUSED = "SEGMENT_REFUSED"
    """The person refused the segment: it is left at once, and not entered until they accept it."""
    CHANCE_ROSE = "CHANCE_ROSE"
    """A predicted probability entered a higher band: its odds relative to the base rate crossed the band's bound."""
    CHANCE_FELL = "CHANCE_FELL"
    """A predicted probability fell well below its band's bound."""
    SLOT_OPENED = "SLOT_OPENED"
    """An interest slot holds enough of the shopper's weight."""
    SLOT_CLOSED = "SLOT_CLOSED"
    """A published interest slot holds little weight now, or was merged into another."""
    INTENT_FOUND = "INTENT_FOUND"
    """A session is clearly about one topic."""
    INTENT_SHIFTED = "INTENT_SHIFTED"
    """A session is about another topic than the published one."""
    INTENT_LOST = "INTENT_LOST"
    """A session is no longer about the published topic, nor clearly about another."""
    DECLARED = "DECLARED"
    """The person stated an attribute. It is shown beside the inferred value, which never overwrites it."""
    CORRECTED = "CORRECTED"
    """The person corrected an inferred attribute: their value is shown; the inferred one is no longer published."""
    WITHDRAWN = "WITHDRAWN"
    """The person withdrew an attribute that they had stated."""
    ERASED = "ERASED"
    """The profile was erased on demand. Delete everything about it, open anomalies included; no record follows."""
    FORGOTTEN = "FORGOTTEN"
    """The profile had no activity for `forget_after_days`, and was erased. Delete everything about it, open anomalies
    included. If the shopper comes back, a new profile begins with the next version."""
    vars().update({code: code for code in REASONS})  # traits declare their own codes, see `traits.trait.Why`


class Reason(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The rule that fired: its threshold, and the observed value."""

    code: Annotated[str, msgspec.Meta(examples=list(Code))]
    """One of `Code`. A consumer may be older than the worker that wrote the record, and reads what it does not know."""
    rule: str
    threshold: float
    observed: float
    condition: str | None = None
    """For segment rules: the comparison that decided, in the syntax of rules."""
    observed_name: str | None = None
    """For a comparison with a name: the observed name, which `observed` encodes."""


Origin = Literal["live", "replay", "timer", "merge", "erasure", "feedback"]
"""Origin of a change that this version writes."""


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
    """One of the few events that caused the change. No raw text."""

    event_id: str | None
    source: str
    ts: str
    contribution: float


class ProfileChanged(msgspec.Struct, frozen=True, gc=False):
    """The record of one version of a profile: its changes are atomic, and versions are gapless.

    A record of the topic `profile-changes`; its key is the profile id, its `ce_id` header is `fact_id`. Versions count
    from 1. `origin` is one of `Origin`, or of a later version; "erasure" in the last record of a profile that was
    erased: delete everything about it.

    >>> value = b'{"profile_id": "a57ad515edc580a1", "version": 2, "origin": "live", "changes": [], "evidence": []'
    >>> ProfileChanged.decode(value + b', "models": {}, "unknown_to_this_version": 1}')
    ProfileChanged(profile_id='a57ad515edc580a1', version=2, origin='live', changes=[], evidence=[], models={})
    """

    profile_id: str
    version: int
    origin: Annotated[str, msgspec.Meta(examples=list(get_args(Origin)))]
    changes: list[Change]
    evidence: list[Evidence]
    models: dict[str, str | None]

    @classmethod
    def decode(cls, value: bytes) -> Self:
        """The record in a value of the topic. Fields that are not known are dropped; raises `DecodeError`."""
        return decode_record(cls, value)

    @property
    def number(self) -> int:
        """The number that orders the facts of a profile."""
        return self.version

    @property
    def fact_id(self) -> str:
        """UUIDv5 of profile id and version: the same after a crash or a replay."""
        return fact_uuid(f"{self.profile_id}/{self.version}")


class AnomalyChanged(msgspec.Struct, frozen=True, gc=False):
    """The record of a step in an anomaly's life; `anomaly_id` stays the same from raised to cleared.

    A record of the topic `profile-anomalies`; its key is the profile id, its `ce_id` header is `fact_id`. Times are
    RFC 3339 in UTC, by the clock of events. Each record holds the full state of the anomaly at its time.

    >>> AnomalyChanged.decode(b'{"anomaly_id": 7}')
    Traceback (most recent call last):
    liveprofile.profiles.records.decode.DecodeError: AnomalyChanged: Expected `str`, got `int` - at `$.anomaly_id`
    """

    anomaly_id: str
    profile_id: str
    state: Literal["raised", "updated", "cleared"]
    kind: str
    serial: int
    """Number of the anomaly among those of its kind for the profile, from 1."""
    step: int
    """Number of the record among those of the anomaly, from 1."""
    severity: int
    """0 to 100: 50 at the threshold, 10 more for each power of ten of the p-value."""
    score: float
    p_value: float | None
    """Share of normal sessions with at least this combined evidence; null before the detectors were calibrated."""
    contributions: dict[str, float]
    """The numbers behind the score."""
    votes: dict[str, float]
    """-log10 of the p-value of each detector with any evidence."""
    rule: str | None
    """The named rule that holds, for an anomaly of kind rule."""
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
        """The number that orders the anomalies of a profile and kind."""
        return self.serial

    @property
    def fact_id(self) -> str:
        """UUIDv5 of the anomaly's id and step: the same after a crash or a replay."""
        step = f"/{self.step}" if self.state == "updated" else ""
        return fact_uuid(f"{self.anomaly_id}/{self.state}{step}")


def fact_uuid(name: str) -> str:
    """The id of a fact: UUIDv5 of its name in `NAMESPACE`."""
    return uuid5(NAMESPACE, name)


def uuid5(namespace: UUID, name: str) -> str:
    """UUIDv5 (RFC 9562) of a name; written out, since the standard library's takes four times as long.

    >>> import uuid
    >>> uuid5(NAMESPACE, "a/1") == str(uuid.uuid5(NAMESPACE, "a/1"))
    True
    """
    text = sha1(namespace.bytes + name.encode(), usedforsecurity=False).hexdigest()
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{_VARIANT[text[16]]}{text[17:20]}-{text[20:32]}"


def anomaly_id(profile_id: str, kind: str, serial: int) -> str:
    """The stable id of a profile's anomaly."""
    return fact_uuid(f"{profile_id}/{kind}/{serial}")


Record = TypeVar("Record", ProfileChanged, AnomalyChanged)


class Fact(msgspec.Struct, Generic[Record], frozen=True, gc=False):
    """A record with its cause; the cause is for the envelope, not for the record itself."""

    record: Record
    time_ms: int
    """Event time of the cause, epoch milliseconds."""
    cause: str
    """The client's event id, or the place of the input record."""
    activity_offset: int
    """Partition and offset of the cause in `activity`."""

    @property
    def payload(self) -> bytes:
        """The record as JSON: the same bytes whenever the same log is folded."""
        return _ENCODER.encode(self.record)


_ENCODER = msgspec.json.Encoder()


@lru_cache(maxsize=65_536)
def rfc3339(epoch_ms: int) -> str:
    """Epoch milliseconds as RFC 3339, as in CloudEvents; beyond the years 1 to 9999 the nearest one.

    Snapshots write the same moments repeatedly, so the last ones are cached.

    >>> rfc3339(1_700_000_000_123)
    '2023-11-14T22:13:20.123Z'
    """
    minutes, ms = divmod(min(max(int(epoch_ms), YEAR_1_MS), YEAR_9999_MS), 60_000)
    return f"{_minute(minutes)}{ms // 1000:02d}.{ms % 1000:03d}Z"


@lru_cache(maxsize=4096)
def _minute(minutes: int) -> str:
    """Date, hour and minute. Events come close together, so this is nearly always cached."""
    return datetime.fromtimestamp(minutes * 60, UTC).isoformat()[:17]
