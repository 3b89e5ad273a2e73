"""What a batch gives: activities, dead letters and item records, kept until they are sent."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from liveprofile.streams.contract.arrival import Arrival, arrival_header
from liveprofile.streams.contract.marks import mark_alone, marked

if TYPE_CHECKING:
    from liveprofile.streams.transport.record import Headers, Item

MOST_BYTES = 8 << 20
"""Bytes that are kept before they are sent: a batch of few bytes can become many activities."""
MOST_CARRIER_BYTES = 64 * 1024
"""A larger activity carries no mark: it may be as large as a record may be."""


@dataclass(slots=True)
class Arrivals:
    """When the input records of one partition's activities had arrived."""

    sum_ms: int = 0
    count: int = 0

    @property
    def mean(self) -> Arrival:
        """All of them as one."""
        return Arrival(max(0, self.sum_ms) // self.count, self.count)


class Outgoing:
    """Records to send, by partition and in order."""

    def __init__(self) -> None:
        self.activities: defaultdict[int, list[Item]] = defaultdict(list)
        self.letters: defaultdict[int, list[Item]] = defaultdict(list)
        self.item_updates: defaultdict[int, list[bytes]] = defaultdict(list)
        self.bytes = 0
        self._arrivals: dict[int, Arrivals] = {}
        """By partition of `activity`."""
        self.count = 0
        """Activities, without records that are there for a mark alone."""

    def add_activity(self, partition: int, profile_id: bytes, value: bytes, headers: Headers, arrival_ms: int) -> None:
        """Keep one activity; `arrival_ms` is when its input record arrived."""
        self.activities[partition].append((profile_id, value, headers))
        self.count += 1
        self.bytes += len(value)
        arrivals = self._arrivals.get(partition)
        if arrivals is None:
            arrivals = self._arrivals[partition] = Arrivals()
        arrivals.sum_ms += arrival_ms
        arrivals.count += 1

    def note_arrivals(self) -> None:
        """Write on each partition's first activity when all of its had arrived; call it once, when all are there."""
        for partition, arrivals in self._arrivals.items():
            items = self.activities[partition]
            key, value, headers = items[0]
            items[0] = (key, value, (*headers, arrival_header(arrivals.mean)))

    def with_activities(self) -> list[int]:
        """The partitions of which there are activities."""
        return [partition for partition, items in self.activities.items() if items]

    def add_mark(self, partition: int, mark: bytes, dims: int) -> None:
        """Have the last activity of a partition carry a mark; if it is too large, a record of its own follows."""
        items = self.activities[partition]
        if len(items[-1][1] or b"") <= MOST_CARRIER_BYTES:
            items[-1] = marked(items[-1], mark)
        else:
            items.append(mark_alone(mark, dims))

    def add_letter(self, partition: int, letter: Item) -> None:
        """Keep one dead letter."""
        self.letters[partition].append(letter)
        self.bytes += len(letter[1] or b"")

    @property
    def is_full(self) -> bool:
        """Whether it is time to send."""
        return self.bytes >= MOST_BYTES
