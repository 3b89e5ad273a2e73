"""One look at a batch before it is applied: what is in it, so that all that it does not need costs nothing.

Checks of whole columns cost a few microseconds each, which is more than a handful of activities take to be applied. So
one compiled pass answers them all, and only what it finds is looked at again.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.records.activity import LAYOUT, Action, Kind
from liveprofile.profiles.records.coordinates import OFFSET_BITS, PARTITION_BITS, SOURCES, TOPIC_BITS
from liveprofile.profiles.records.screening import LATEST_MS

Heads = npt.NDArray[np.void]
Lanes = npt.NDArray[np.void]
Integers = npt.NDArray[np.int64]

MOST_LANES = 64
"""Maximum number of input partitions whose order is checked; a batch of more counts as not `in_order`."""
LANE = np.dtype(
    [
        ("lane", "<i8"),  # source code without offset
        ("first", "<i8"),  # place of its first event of the batch: offset, then line
        ("last", "<i8"),  # place of its last one
    ]
)
_LAST_KIND, _LAST_ACTION, _TOPICS = int(max(Kind)), int(max(Action)), len(SOURCES)
_EVENT = int(Kind.EVENT)
_REVIEW, _PURCHASE = int(Action.REVIEW), int(Action.PURCHASE)
_CORRECT, _DECLARE = int(Action.CORRECT), int(Action.DECLARE)
_OFFSET_SHIFT, _LINE_SHIFT = np.uint64(OFFSET_BITS), np.uint64(16)
_OFFSET_MASK = np.uint64((1 << OFFSET_BITS) - 1)
_TOPIC_SHIFT, _TOPIC_MASK = np.uint64(PARTITION_BITS + OFFSET_BITS), np.uint64((1 << TOPIC_BITS) - 1)


class Survey(NamedTuple):
    """What is in a batch of heads: how many of each, unless said otherwise."""

    foreign: int
    """Not of the present layout with known kind, action and the right dimensions."""
    controls: int
    """Of another kind than an event."""
    wrong: int
    """With a time or a source that cannot be folded."""
    statements: int
    """By which a shopper states or corrects an attribute."""
    reviews: int
    orders: int
    """Lines of purchases with an order id."""
    nameless: int
    """Purchases without an order id, with a total."""
    newest_ms: int
    """Time of the newest event; 0 without one. The lines of an order are one event."""
    later: int
    """Events after the time that the clock has reached."""
    earliest_ms: int
    """Times of the first and the last one; 0 without any."""
    latest_ms: int
    lanes: int
    """Input partitions."""
    in_order: int
    """1 if the places of each input partition rise."""


SURVEY = np.dtype([(name, "<i8") for name in Survey._fields])


class Surveyor:
    """Looks at batches; its work space is used again for each."""

    def __init__(self) -> None:
        self._found = np.zeros(1, SURVEY)
        self._lanes = np.zeros(MOST_LANES, LANE)

    def look(self, heads: Heads, dims: int, reached_ms: int) -> Survey:
        """What is in a batch (n,); `reached_ms` is the time that the clock of the log has reached."""
        _look(heads, dims, reached_ms, self._found, self._lanes)
        return Survey._make(self._found[0].item())

    def lanes(self, count: int) -> list[tuple[int, int, int]]:
        """Of the last batch: lane, first and last place of `count` input partitions."""
        found: list[tuple[int, int, int]] = self._lanes[:count].tolist()
        return found


@compiled
def _look(heads: Heads, dims: int, reached_ms: int, found: Heads, lanes: Lanes) -> None:
    all_of = found[0]
    foreign, controls, wrong, statements, reviews, orders, nameless = 0, 0, 0, 0, 0, 0, 0
    newest_ms, later, earliest, latest, used, lane, in_order = 0, 0, np.int64(1 << 62), np.int64(-(1 << 62)), 0, 0, True
    for at in range(len(heads)):
        head = heads[at]
        action, time_ms = head.action, head.event_time_ms
        known = head.kind <= _LAST_KIND and action <= _LAST_ACTION
        foreign += not (known and head.layout == LAYOUT and head.dims == dims)
        controls += head.kind != _EVENT
        topic = np.uint64(head.source) >> _TOPIC_SHIFT & _TOPIC_MASK
        wrong += bool(time_ms < 0 or time_ms > LATEST_MS or topic >= np.uint64(_TOPICS))
        statements += action in (_DECLARE, _CORRECT)
        reviews += action == _REVIEW
        if action == _PURCHASE:
            orders += head.order != 0
            nameless += head.order == 0 and head.line == 0 and head.order_total > 0
        if head.line == 0:
            newest_ms = max(newest_ms, time_ms)
            later += time_ms > reached_ms
        earliest, latest = min(earliest, time_ms), max(latest, time_ms)
        lane = _lane_of(lanes, used, lane, np.int64(np.uint64(head.source) >> _OFFSET_SHIFT))
        place = np.int64((np.uint64(head.source) & _OFFSET_MASK) << _LINE_SHIFT | np.uint64(head.line))
        if lane < used:
            in_order = in_order and place > lanes[lane].last
        elif used < MOST_LANES:
            used += 1
            lanes[lane].lane, lanes[lane].first = np.int64(np.uint64(head.source) >> _OFFSET_SHIFT), place
        else:
            in_order, lane = False, 0
        lanes[lane].last = place
    all_of.foreign, all_of.controls, all_of.wrong, all_of.statements = foreign, controls, wrong, statements
    all_of.reviews, all_of.orders, all_of.nameless = reviews, orders, nameless
    all_of.newest_ms, all_of.later, all_of.lanes, all_of.in_order = newest_ms, later, used, in_order
    all_of.earliest_ms = earliest if len(heads) > 0 else 0
    all_of.latest_ms = latest if len(heads) > 0 else 0


@compiled
def _lane_of(lanes: Lanes, used: int, before: int, lane: np.int64) -> int:
    """The place of an input partition among the first `used` ones, or the next free one; it mostly is that before."""
    if before < used and lanes[before].lane == lane:
        return before
    for at in range(used):
        if lanes[at].lane == lane:
            return at
    return used


@compiled
def leave_out_gone(
    rows: npt.NDArray[np.void], places: Integers, offsets: Integers, wanted: npt.NDArray[np.bool_]
) -> int:
    """Clear `wanted` (n,) for activities (n,) after the erasure, for good, of their profile; returns how many."""
    count = 0
    for at in range(len(places)):
        row = rows[places[at]]
        if row.erased_ms != 0 and row.forgotten == 0 and row.applied < offsets[at]:
            wanted[at] = False
            count += 1
    return count
