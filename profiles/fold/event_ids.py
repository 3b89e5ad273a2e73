"""Event ids: retries of a client are recognised among the profile's last event ids, told apart by input and action.

The ring keeps 32 bits of each id. An order takes one place, however many lines it has. A true event is dropped by
mistake if it agrees in these 32 bits with one of the ids in the ring: once in 16 million events.
"""

import numpy as np

from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.records.activity import OFFSET_BITS, PARTITION_BITS, TOPIC_BITS
from liveprofile.profiles.state.row import EVENT_IDS, Row

_TOPIC_SHIFT = np.uint64(PARTITION_BITS + OFFSET_BITS)
_TOPIC_MASK = np.uint64((1 << TOPIC_BITS) - 1)
_PLAIN_MASK = np.uint64(0xFFFFFFFF)


@compiled
def short_digest(event: Row) -> int:
    """32 bits of an event's id, its input and its action; never 0.

    A page view and a cart of one id are two events, and so are an order and its refund.
    """
    topic = np.uint64(event.source) >> _TOPIC_SHIFT & _TOPIC_MASK
    kind = topic << np.uint64(8) | np.uint64(event.action + 1)
    mixed = (np.uint64(event.event_digest) ^ kind * np.uint64(0x9E3779B97F4A7C15)) * np.uint64(0xBF58476D1CE4E5B9)
    return max(int(mixed >> np.uint64(32)), 1)


@compiled
def is_known_id(row: Row, event: Row) -> bool:
    """Whether the event's id is among the last ones of the profile; False without an id."""
    if event.event_digest == 0:
        return False
    digest, found = np.uint32(short_digest(event)), 0
    for at in range(min(int(row.event_ids_kept), EVENT_IDS)):
        found += row.event_ids[at] == digest
    if row.event_ids_plain > 0:
        plain = np.uint32(max(int(np.uint64(event.event_digest) & _PLAIN_MASK), 1))
        for at in range(row.event_ids_plain):
            found += row.event_ids[at] == plain
    return found > 0


@compiled
def remember_event_id(row: Row, event: Row) -> None:
    """Put the event's id into the ring, if it has one."""
    if event.event_digest == 0:
        return
    place = row.event_ids_kept % EVENT_IDS
    row.event_ids[place] = short_digest(event)
    row.event_ids_kept += 1
    if place < row.event_ids_plain:
        row.event_ids_plain = 0
