"""Corrects the times of clients whose clock is ahead of the broker's.

Nothing happens after it has arrived. The lead of a client's clock is the largest lead among its events of one batch:
all of them are moved back by it, so that none lies after its arrival, and order and distances stay.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from liveprofile.streams.contract.inputs.common import REPLAYED_HEADER
from liveprofile.streams.contract.refusals import Reason, Refusal

OTHER_CLOCK_MS = 3_600_000
"""Events of one client whose leads differ by more, with none in between, come from two clocks."""


def known_ms(told_ms: int | None, arrival_ms: int) -> int:
    """The time that a client told, or the arrival if it told none."""
    return arrival_ms if told_ms is None else told_ms


class Told(NamedTuple):
    """One event as its client told its time."""

    client: tuple[str, ...]
    """What the events of one clock have in common: shopper, device and session."""
    told_ms: int | None
    """None if the client told no time."""
    arrival_ms: int

    @property
    def known_ms(self) -> int:
        """See `known_ms`."""
        return known_ms(self.told_ms, self.arrival_ms)

    @property
    def lead_ms(self) -> int:
        """How far the event lies after its arrival."""
        return self.known_ms - self.arrival_ms


def corrected(told: Sequence[Told]) -> dict[int, int]:
    """The time of each event of a clock that is ahead, by its place.

    >>> corrected([Told(("u",), 100_000, 40_000), Told(("u",), 160_000, 90_000), Told(("v",), 39_000, 41_000)])
    {1: 90000, 0: 30000}
    """
    ahead = {one.client for one in told if one.lead_ms > 0}
    if not ahead:
        return {}
    events: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, one in enumerate(told):
        if one.client in ahead and one.told_ms is not None:
            events[one.client].append(place)
    times: dict[int, int] = {}
    for places in events.values():
        times |= _moved(told, sorted(places, key=lambda place: -told[place].lead_ms))
    return times


def _moved(told: Sequence[Told], places: list[int]) -> dict[int, int]:
    """The times of one client's events, given in the order of their leads, the largest first."""
    lead_ms = told[places[0]].lead_ms
    times = {places[0]: told[places[0]].known_ms - lead_ms}
    for before, place in pairwise(places):
        own_ms = told[place].lead_ms
        if told[before].lead_ms - own_ms > OTHER_CLOCK_MS:
            if own_ms <= 0:
                break
            lead_ms = own_ms
        times[place] = told[place].known_ms - lead_ms
    return times


def too_old(oldest_ms: int) -> Refusal:
    """The refusal of an event that lies more than so many milliseconds before its arrival."""
    return Refusal(
        Reason.BAD_TIME,
        f"ts lies more than {oldest_ms // 86_400_000} days before the record's arrival: a wrong clock. Records of the "
        f"past say so with the Kafka header {REPLAYED_HEADER}: 1, as liveprofile replay does.",
    )
