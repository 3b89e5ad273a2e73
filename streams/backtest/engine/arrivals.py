"""Input records in the order of their arrival at a broker: from the simulated shop, or from a file."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import orjson

from liveprofile.streams.datasets.record import Record
from liveprofile.streams.simulator.events import SimEvent
from liveprofile.streams.transport.record import Headers


class Arrival(NamedTuple):
    """An input record with its arrival time, as in a topic with the broker's times."""

    topic: str
    """The kind of input, such as clicks."""
    key: bytes
    value: bytes | None
    time_ms: int
    """Epoch milliseconds."""
    headers: Headers = ()


def of_shop(events: Iterable[SimEvent]) -> Iterator[Arrival]:
    """Events of a simulated shop, each at its event time."""
    for event in events:
        yield Arrival(event.topic, event.key, event.value(), event.event_time_ms)


def of_file(records: Iterable[Record]) -> Iterator[Arrival]:
    """Records of a replay reader at their event time; a record without a time gets that of the previous one."""
    time_ms = 0
    for record in records:
        when = record.time_ms
        time_ms = when if isinstance(when, int) else time_ms
        yield Arrival(record.topic, record.key.encode(), orjson.dumps(record.fields), time_ms)
