"""The size of a record in a batch of its own, and the error for one that is over the limit."""

from __future__ import annotations

from collections.abc import Sequence

from liveprofile.errors import LiveprofileError
from liveprofile.streams.transport.record import Item

MAX_RECORD_BYTES = 1_000_000
"""The limit of one record where none is set."""
RECORD_OVERHEAD_BYTES = 128
"""Room for what a record batch of one adds to key, value and headers: 61 bytes of batch header, and varints."""
HEADER_OVERHEAD_BYTES = 10


class OversizeError(LiveprofileError):
    """One record exceeds the size limit; nothing was sent. The caller can shorten it and send again."""

    next_step = "Trim the value, or raise worker.max_record_bytes together with max.message.bytes of the topic."

    def __init__(self, key: bytes | None, size: int, limit: int) -> None:
        super().__init__(
            f"a record of {size:,} bytes (key {key!r}) is over the limit of {limit:,} bytes; "
            f"shorten its value, or raise worker.max_record_bytes together with the topic's max.message.bytes"
        )
        self.key = key
        self.size = size
        self.limit = limit


def record_size(item: Item) -> int:
    """Upper bound in bytes of a batch with this record alone.

    >>> record_size((b"key", b"value", [("ce_id", b"1")]))
    152
    """
    key, value, headers = item
    size = len(key or b"") + len(value or b"") + RECORD_OVERHEAD_BYTES
    for name, content in headers:
        size += len(name.encode()) + len(content) + HEADER_OVERHEAD_BYTES
    return size


def check_sizes(items: Sequence[Item], limit: int) -> None:
    """Raise `OversizeError` for the first item that is over the limit in bytes."""
    for item in items:
        if (size := record_size(item)) > limit:
            raise OversizeError(item[0], size, limit)
