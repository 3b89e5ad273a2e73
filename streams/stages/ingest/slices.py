"""What ingest takes at a time: record batches of several partitions, embedded and encoded in slices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from liveprofile.streams.stages.ingest.event import ValidatedEvent

if TYPE_CHECKING:
    from liveprofile.streams.runtime.stage import Ack
    from liveprofile.streams.transport.record import Record

SLICE_RECORDS, SLICE_BYTES, SLICE_LINES = 250, 256 * 1024, 2_000
"""Records that are embedded and encoded together: so many, or so many bytes, or lines of orders."""


class Fetched(NamedTuple):
    """A record batch of one input partition."""

    topic: str
    partition: int
    records: Sequence[Record]
    first_source: int
    """The source of its partition's record at offset 0, see `activity.source_code`."""
    ack: Ack

    @property
    def last_place(self) -> int:
        """The source of its last record."""
        return self.first_source + self.records[-1].offset


class Accepted(NamedTuple):
    """An accepted event on its way to its activities."""

    kind: str
    """The contract's input that it came on."""
    event: ValidatedEvent
    record: Record
    source: int
    profile_id: bytes
    partition: int
    """Of `activity`."""
    arrival_ms: int
    flags: int


class Slice:
    """Accepted events that are embedded and encoded together."""

    def __init__(self) -> None:
        self.accepted: list[Accepted] = []
        self._bytes = self._lines = 0

    def add(self, record: Record, accepted: Accepted | None) -> None:
        """Count a record, and keep its event unless it was refused."""
        self._bytes += len(record.value or b"")
        if accepted is not None:
            self.accepted.append(accepted)
            self._lines += len(accepted.event.lines)

    @property
    def is_full(self) -> bool:
        """Whether it is time to encode the slice."""
        return len(self.accepted) >= SLICE_RECORDS or self._bytes >= SLICE_BYTES or self._lines >= SLICE_LINES
