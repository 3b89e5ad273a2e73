"""The header of some records of `activity` that says when what stands from there on has arrived at the broker.

Ingest writes it on the first record of each partition that it sends at a time, for all of them: the mean of their times
of arrival, and their number. The profile stage measures with it how long an event took. No profile depends on it.
"""

from struct import Struct, error
from typing import NamedTuple

from liveprofile.streams.transport.record import Headers

ARRIVED = "arrived"
_LAYOUT = Struct("<QI")


class Arrival(NamedTuple):
    """When a number of activities had arrived."""

    time_ms: int
    """The mean of the broker's times of their input records, epoch milliseconds."""
    activities: int


def arrival_header(arrival: Arrival) -> tuple[str, bytes]:
    """The header.

    >>> arrival_of([arrival_header(Arrival(1_700_000_000_000, 7))])
    Arrival(time_ms=1700000000000, activities=7)
    """
    return ARRIVED, _LAYOUT.pack(*arrival)


def arrival_of(headers: Headers) -> Arrival | None:
    """What a record's headers say; None if they do not, or not in this layout."""
    for name, value in headers:
        if name == ARRIVED:
            try:
                return Arrival(*_LAYOUT.unpack(value))
            except (error, TypeError):
                return None
    return None
