"""Common fields, field types and limits of the inputs."""

from calendar import timegm
from typing import Annotated

from msgspec import Meta, Struct

MAX_RECORD_BYTES = 1 << 20
"""A larger record is refused without decoding; this is also the broker's default limit."""
MAX_ID_CHARS = 256
MAX_TEXT_CHARS = 65_536
"""A longer text is refused; a text above `text.KEPT_CHARS` is cut."""
MAX_ITEMS = 5_000
REPLAYED_HEADER = "replayed"
"""The Kafka header of a record of the past, with any value but 0 and an empty one: it may be of any age."""
READ_BACK_HEADER = "read-back"
"""The Kafka header of a record whose writer is going to read the profile, with any value but 0 and an empty one: the
snapshot is published together with what comes of the record, also where nothing else is said."""
FLOOR_YEAR = 1995
"""The first year that a time may lie in: nobody shopped on the web before."""
LAST_YEAR = 2099
"""The last year that a time may lie in."""
EARLIEST_MS = timegm((FLOOR_YEAR, 1, 1, 0, 0, 0)) * 1000
"""The beginning of the first plausible year: an earlier time comes from a clock that was never set."""
LATEST_MS = timegm((LAST_YEAR + 1, 1, 1, 0, 0, 0)) * 1000 - 1
"""The end of the last plausible year: a later time is a number in another unit."""


def broker_time_ms(timestamp: int | None) -> int | None:
    """The broker's time of a record; None for none, or for one beyond sense, such as microseconds.

    >>> broker_time_ms(1_790_000_000_000), broker_time_ms(-1), broker_time_ms(1_790_000_000_000_000)
    (1790000000000, None, None)
    """
    return timestamp if timestamp is not None and EARLIEST_MS <= timestamp <= LATEST_MS else None


Id = Annotated[str | int, Meta(description=f"an identifier of at most {MAX_ID_CHARS} characters")]
Time = Annotated[
    str | int | float,
    Meta(
        description="RFC 3339, epoch seconds or milliseconds, or digits as YYYYMMDDhhmmss; "
        f"from {FLOOR_YEAR} on. A time after the record's arrival is moved back to it"
    ),
]
EventId = Annotated[
    str | int,
    Meta(
        description=f"an identifier of at most {MAX_ID_CHARS} characters; a second event of the shopper with the same "
        "id, input and action (or kind) is a retry, and is dropped, among the last 256 ids"
    ),
]
SessionId = Annotated[
    str | int,
    Meta(
        description=f"an identifier of at most {MAX_ID_CHARS} characters; sessions of several ids may go on at once, "
        "and each ends by its own pause; only a keyed digest of it is kept"
    ),
]
Text = Annotated[str, Meta(description="free text; normalised, scrubbed of personal data, and cut at 4,096 characters")]
Money = Annotated[float, Meta(description="in the currency's main unit, from 0 to 1,000,000,000")]
ListPrice = Annotated[Money, Meta(description="the price of one piece without any reduction")]
Path = Annotated[str, Meta(description="a path, such as home/kitchen or Home > Kitchen")]
Currency = Annotated[str, Meta(description="ISO 4217")]


class Common(Struct, gc=False, kw_only=True):
    """Fields of every input."""

    event_id: EventId | None = None
    user_id: Id | None = None
    anonymous_id: Id | None = None
    ts: Time | None = None
    session_id: SessionId | None = None
    device: Annotated[str, Meta(description="identifies the device; only a keyed digest of it is kept")] | None = None
    ip: Annotated[str, Meta(description="only a keyed digest of its network (/24, or /48) is kept")] | None = None
    locale: Annotated[str, Meta(description="such as en-GB; only the country is kept")] | None = None
