"""What a batch gives: activities, dead letters and item records, kept until they are sent."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from liveprofile.streams.contract.arrival import Arrival, arrival_header

if TYPE_CHECKING:
    from liveprofile.streams.transport.record import Headers, Item

MOST_BYTES = 8 << 20
"""Bytes that are kept before they are sent: a batch of few bytes can become many activities."""


class Outgoing:
    """Records to send, by partition and in order."""

    def __init__(self) -> None:
        self.activities: defaultdict[int, list[Item]] = defaultdict(list)
        self.letters: defaultdict[int, list[Item]] = defaultdict(list)
        self.item_updates: defaultdict[int, list[bytes]] = defaultdict(list)
        self.bytes = 0
        self._arrivals_ms: defaultdict[int, int] = defaultdict(int)
        """By partition of `activity`: the sum of the times of arrival."""

    def add_activity(self, partition: int, profile_id: bytes, value: bytes, headers: Headers, arrival_ms: int) -> None:
        """Keep one activity; `arrival_ms` is when its input record arrived."""
        self.activities[partition].append((profile_id, value, headers))
        self.bytes += len(value)
        self._arrivals_ms[partition] += arrival_ms

    def note_arrivals(self) -> None:
        """Write on each partition's first activity when all of its had arrived; call it once, when all are there."""
        for partition, total_ms in self._arrivals_ms.items():
            items = self.activities[partition]
            key, value, headers = items[0]
            items[0] = (key, value, (*headers, arrival_header(Arrival(max(0, total_ms) // len(items), len(items)))))

    def add_letter(self, partition: int, letter: Item) -> None:
        """Keep one dead letter."""
        self.letters[partition].append(letter)
        self.bytes += len(letter[1] or b"")

    @property
    def is_full(self) -> bool:
        """Whether it is time to send."""
        return self.bytes >= MOST_BYTES
