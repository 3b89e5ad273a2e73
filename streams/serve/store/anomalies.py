"""The anomalies of all profiles: the last step of each in memory, all steps in the store."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from liveprofile.streams.serve.store.database import Database, Writes
from liveprofile.streams.serve.store.envelope import unwrap, wrap
from liveprofile.streams.serve.store.keys import Kind, of_anomaly, of_profile
from liveprofile.streams.serve.store.row import epoch_ms


class AnomalyHead(msgspec.Struct, gc=False):
    """The fields of an anomaly record that lists filter and order by."""

    anomaly_id: str
    state: str = ""
    kind: str = ""
    step: int = 0
    severity: int = 0
    first_seen: str = ""
    last_seen: str = ""


@dataclass(slots=True)
class Anomaly:
    """An anomaly at its last step."""

    anomaly_id: str
    profile_id: bytes
    state: str
    kind: str
    step: int
    severity: int
    seen_ms: int
    """The last event that belongs to it."""
    hour: int
    """Of its first event, since 1970."""

    @property
    def order(self) -> tuple[int, int, str]:
        """The most severe first, then the latest."""
        return -self.severity, -self.seen_ms, self.anomaly_id


HOUR_MS = 3_600_000
BANDS = ((80, "80-100"), (50, "50-79"), (0, "0-49"))
"""Bands of severity, each by its least value."""
_HEADS = msgspec.json.Decoder(AnomalyHead)


@dataclass(slots=True)
class Anomalies:
    """The anomalies by id, and the ids by profile."""

    database: Database
    by_id: dict[str, Anomaly] = field(default_factory=dict)
    raised: Counter[int] = field(default_factory=Counter)
    """How many began, by the hour since 1970."""
    open: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many are open, by kind and band of severity."""
    _of: dict[bytes, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Rebuilt from the store."""
        for key, value in self.database.scan(Kind.ANOMALY.value):
            self._note(key[1:17], _HEADS.decode(unwrap(value).value))

    def put(
        self, profile_id: bytes, partition: int, offset: int, time_ms: int, value: bytes, writes: Writes
    ) -> AnomalyHead:
        """A step. msgspec.MsgspecError for a value that is no anomaly, ValueError for an id that is no UUID."""
        head = _HEADS.decode(value)
        writes.put(
            of_anomaly(profile_id, head.anomaly_id, head.step), wrap(partition, offset, head.step, time_ms, value)
        )
        self._note(profile_id, head)
        return head

    def remove(self, profile_id: bytes, writes: Writes) -> None:
        """All anomalies of a profile."""
        writes.delete_prefix(of_profile(Kind.ANOMALY, profile_id))
        for anomaly_id in self._of.pop(profile_id, ()):
            if (gone := self.by_id.pop(anomaly_id, None)) is not None:
                self._count(gone, -1)

    def last(self, one: Anomaly) -> bytes | None:
        """The record of the last step; None if it has just gone."""
        stored = self.database.get(of_anomaly(one.profile_id, one.anomaly_id, one.step))
        return unwrap(stored).value if stored is not None else None

    def steps_of(self, profile_id: bytes) -> Iterator[tuple[int, bytes]]:
        """Time and value of every step of a profile's anomalies, by anomaly and step."""
        for _, value in self.database.scan(of_profile(Kind.ANOMALY, profile_id)):
            stored = unwrap(value)
            yield stored.time_ms, stored.value

    def _note(self, profile_id: bytes, head: AnomalyHead) -> None:
        known = self.by_id.get(head.anomaly_id)
        if known is not None and known.step > head.step:
            return
        self._of.setdefault(profile_id, set()).add(head.anomaly_id)
        hour = epoch_ms(head.first_seen) // HOUR_MS
        seen_ms = epoch_ms(head.last_seen)
        now = Anomaly(head.anomaly_id, profile_id, head.state, head.kind, head.step, head.severity, seen_ms, hour)
        if known is not None:
            self._count(known, -1)
        self._count(now, 1)
        self.by_id[head.anomaly_id] = now

    def _count(self, one: Anomaly, by: int) -> None:
        self.raised[one.hour] += by
        if one.state != "cleared":
            self.open[one.kind, band_of(one.severity)] += by


def band_of(severity: int) -> str:
    """The band of a severity.

    >>> [band_of(severity) for severity in (0, 50, 79, 100)]
    ['0-49', '50-79', '50-79', '80-100']
    """
    return next(name for least, name in BANDS if severity >= least)
