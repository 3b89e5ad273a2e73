"""Input records in the order in which a broker would get them: from the simulated shop, or from a file."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import orjson

from liveprofile.streams.datasets.record import Record
from liveprofile.streams.simulator.events import SimEvent


class Arrival(NamedTuple):
    """A record of an input, and when it came: what a topic with the broker's times would hold."""

    topic: str
    """The kind of input, such as clicks."""
    key: bytes
    value: bytes
    time_ms: int
    """Epoch milliseconds."""


def of_shop(events: Iterable[SimEvent]) -> Iterator[Arrival]:
    """A simulated shop's events, each at the moment at which it happens there."""
    for event in events:
        yield Arrival(event.topic, event.key, event.value(), event.event_time_ms)


def of_file(records: Iterable[Record]) -> Iterator[Arrival]:
    """A replay reader's records at their own time; one without a time comes with the one before it."""
    time_ms = 0
    for record in records:
        when = record.time_ms
        time_ms = when if isinstance(when, int) else time_ms
        yield Arrival(record.topic, record.key.encode(), orjson.dumps(record.fields), time_ms)
