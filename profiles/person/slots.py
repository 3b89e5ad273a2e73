"""Interest slots of a person: the union of the facets' slots, the closest two joined until they fit."""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.interests.slots import NUMBERS
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.person.facet import Aligned
from liveprofile.profiles.person.fields import LONG
from liveprofile.profiles.state.row import SLOTS, Row

_FIELDS = ("slot", "slot_mass", "slot_topic", "slot_item", "slot_near", "slot_s", "slot_number")


@dataclass(frozen=True, eq=False)
class Slot:
    """One slot."""

    centre: npt.NDArray[np.float64]
    """(SLOT_DIMS,)"""
    mass: float
    topic: int
    item: int
    near: float
    seen_s: int


def compose_slots(out: Row, of: Aligned, policy: Policy) -> None:
    """Set the slots of `out`, without their numbers."""
    for name in _FIELDS:
        out[name] = 0
    for at, slot in enumerate(joined(_union(of), policy)):
        out["slot"][at], out["slot_mass"][at] = np.rint(slot.centre), slot.mass
        out["slot_topic"][at], out["slot_item"][at] = slot.topic, slot.item
        out["slot_near"][at], out["slot_s"][at] = slot.near, slot.seen_s


def number_slots(out: Row, own: Row, policy: Policy) -> None:
    """Give each slot of `out` the number of the slot of `own` that it goes on from, or one that no slot has."""
    before = [at for at in range(SLOTS) if own["slot_mass"][at] > 0]
    taken = {int(number) for number in (*own["slot_number"], *own["published_slots"])}
    opened = int(own["slots_opened"])
    for at in range(SLOTS):
        out["slot_number"][at] = 0
        if out["slot_mass"][at] <= 0:
            continue
        place = _same(out, at, own, before, policy)
        if place is not None:
            before.remove(place)
            out["slot_number"][at] = own["slot_number"][place]
        while out["slot_number"][at] == 0:
            number, opened = opened % NUMBERS + 1, opened + 1
            if number not in taken:
                out["slot_number"][at] = number
                taken.add(number)
    out["slots_opened"] = opened


def joined(slots: list[Slot], policy: Policy) -> list[Slot]:
    """At most `policy.slots.most` slots, heaviest first: alike ones are one, then the lightest are dropped."""
    left = list(slots)
    while len(left) > 1:
        closeness, one, other = max(
            ((_closeness(left[a], left[b], policy), -a, -b) for a, b in combinations(range(len(left)), 2)),
        )
        if closeness < policy.slots.merge:
            break
        left[-one] = _join(left[-one], left[-other])
        del left[-other]
    return sorted(left, key=lambda slot: (-slot.mass, slot.topic, slot.item))[: policy.slots.most]


def _union(of: Aligned) -> list[Slot]:
    """The slots of all facets, decayed."""
    return [
        _slot(row, at, float(keep))
        for row, keep in zip(of.rows, of.keep[:, LONG], strict=True)
        for at in range(SLOTS)
        if row["slot_mass"][at] * keep > 0
    ]


def _slot(row: Row, at: int, keep: float = 1.0) -> Slot:
    """The slot at a place of a row."""
    return Slot(
        row["slot"][at].astype(float),
        float(row["slot_mass"][at]) * keep,
        int(row["slot_topic"][at]),
        int(row["slot_item"][at]),
        float(row["slot_near"][at]),
        int(row["slot_s"][at]),
    )


def _closeness(one: Slot, other: Slot, policy: Policy) -> float:
    """The cosine of two centres; an equal topic makes them closer, as it does for an action."""
    length = np.sqrt((one.centre**2).sum() * (other.centre**2).sum())
    cosine = float((one.centre * other.centre).sum() / length) if length > 0 else 0.0
    return cosine + (policy.slots.topic_bonus if one.topic != 0 and one.topic == other.topic else 0.0)


def _join(one: Slot, other: Slot) -> Slot:
    """Two slots as one: the heavier keeps its item."""
    into, gone = (one, other) if one.mass >= other.mass else (other, one)
    mass = one.mass + other.mass
    centre = into.centre + gone.mass / mass * (gone.centre - into.centre)
    return replace(into, centre=centre, mass=mass, seen_s=max(one.seen_s, other.seen_s))


def _same(out: Row, at: int, own: Row, places: list[int], policy: Policy) -> int | None:
    """The place in `own` of the slot that this one goes on from: the closest, if it is close enough to be one."""
    slot, best = _slot(out, at), (policy.slots.merge, -1)
    for place in places:
        closeness = _closeness(slot, _slot(own, place), policy)
        if closeness > best[0] or (closeness == best[0] and best[1] < 0):
            best = (closeness, place)
    return best[1] if best[1] >= 0 else None
