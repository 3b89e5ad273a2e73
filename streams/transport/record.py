"""Records as they come from Kafka and as they are sent, and the partitions that they are on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

Headers = Sequence[tuple[str, bytes]]
Item = tuple[bytes | None, bytes | None, Headers]
"""One record to send: key, value, headers."""
TopicPartition = tuple[str, int]


class Record(Protocol):
    """One record as it came from Kafka: what an aiokafka `ConsumerRecord` offers."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int:
        """Milliseconds since the epoch, set by the producer or the broker."""

    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Headers: ...
