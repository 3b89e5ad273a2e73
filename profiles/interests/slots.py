"""Interest slots: several interests per shopper, each with a centre, a decayed weight and a representative item.

A single mean lies between a shopper's interests and close to none of them. A few centres, each with the item nearest to
it, keep the interests apart (PinnerSage: Pal et al., KDD 2020). An action joins the nearest slot or opens a new one. If
all slots are used, two of them are merged, or the lightest is evicted. Late actions enter with decayed weight, but
their slot depends on the earlier actions. Unlike the decayed means, slots therefore depend on order and are
approximate.
"""

import math

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.aliases import Factors
from liveprofile.profiles.numeric.epoch import epoch_s
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.numeric.quantised_mean import DITHER, pattern_of
from liveprofile.profiles.records.activity import VECTOR_ONE, Action
from liveprofile.profiles.state.row import LONG, SLOT_DIMS, SLOTS, Row

CENTRE_ONE = 127
"""The integer that stands for 1.0 in a centre."""
LAST_ACTION = int(Action.REFUND)
"""Later members of `Action` are not about interest in an item: the text of a review, an offer."""
NUMBERS = 255

Centre = npt.NDArray[np.int8]
Vector = npt.NDArray[np.int16]


@compiled
def update_slots(row: Row, event: Row, weight: float, rules: Rules, state_decay: Factors, event_decay: Factors) -> None:
    """Add the activity's embedding to the nearest slot, or open one; a negative action weakens the nearest slot."""
    for slot in range(SLOTS):
        row.slot_mass[slot] *= state_decay[LONG]
    added = weight * event_decay[LONG]
    if added == 0.0 or event.action > LAST_ACTION or not _has_direction(event.vector):
        return
    slot, nearness, cosine = _nearest(row, event, rules)
    if added < 0.0:
        if nearness >= rules.slots_join:
            row.slot_mass[slot] = max(row.slot_mass[slot] + added, 0.0)
            _free_if_empty(row, slot)
        return
    if nearness < rules.slots_join:
        slot = _place_for_new(row, added, event_decay[LONG] < 1.0, rules)
        if slot < 0:
            return
        _open(row, slot)
        cosine = 0.0
    mass = row.slot_mass[slot] + added
    row.slot_mass[slot] = mass
    pull(row.slot[slot], event.vector, added / mass, pattern_of(event.source + event.line))
    row.slot_s[slot] = max(row.slot_s[slot], epoch_s(event.event_time_ms))
    _name(row, slot, event, added / mass, cosine)


@compiled
def cosine_to(centre: Centre, vector: Vector) -> float:
    """Cosine of a slot's centre and the first coordinates of an embedding; 0 where either is zero."""
    return _cosine(centre, vector, math.sqrt(float(_square(vector))))


@compiled
def _cosine(centre: Centre, vector: Vector, length: float) -> float:
    """The same with the length of the embedding's first coordinates given."""
    dot, square = 0, 0
    for at in range(min(centre.shape[0], vector.shape[0])):
        dot += int(centre[at]) * int(vector[at])
        square += int(centre[at]) * int(centre[at])
    return dot / (math.sqrt(float(square)) * length) if square > 0 and length > 0.0 else 0.0


@compiled
def _square(vector: Vector) -> int:
    """The squared length of an embedding's first coordinates."""
    square = 0
    for at in range(min(SLOT_DIMS, vector.shape[0])):
        square += int(vector[at]) * int(vector[at])
    return square


@compiled
def pull(centre: Centre, target: Vector, gain: float, pattern: int) -> None:
    """Move a centre towards a unit embedding by a share `gain`; rounded without bias, as in `quantised_mean.blend`."""
    share, unit, one = np.float32(gain), np.float32(CENTRE_ONE / VECTOR_ONE), np.float32(CENTRE_ONE)
    for at in range(min(centre.shape[0], target.shape[0])):
        old = np.float32(centre[at])
        new = old + np.floor(share * (np.float32(target[at]) * unit - old) + DITHER[pattern + at])
        centre[at] = np.int8(min(max(new, -one), one))


@compiled
def _has_direction(vector: Vector) -> bool:
    for at in range(min(SLOT_DIMS, vector.shape[0])):
        if vector[at] != 0:
            return True
    return False


@compiled
def _nearest(row: Row, event: Row, rules: Rules) -> tuple[int, float, float]:
    """The nearest slot, its closeness, and its cosine alone; an equal topic name makes a slot closer."""
    best, nearness, cosine = -1, -2.0, 0.0
    length = math.sqrt(float(_square(event.vector)))
    for slot in range(SLOTS):
        if row.slot_mass[slot] <= 0.0:
            continue
        alike = _cosine(row.slot[slot], event.vector, length)
        near = alike
        if event.category != 0 and row.slot_topic[slot] == event.category:
            near += rules.slots_topic_bonus
        if near > nearness:
            best, nearness, cosine = slot, near, alike
    return best, nearness, cosine


@compiled
def _place_for_new(row: Row, added: float, late: bool, rules: Rules) -> int:
    """A free slot, by merge or eviction if needed; -1 if a late weight is below that of every slot."""
    lightest = 0
    for slot in range(int(rules.slots_most)):
        if row.slot_mass[slot] <= 0.0:
            return slot
        if row.slot_mass[slot] < row.slot_mass[lightest]:
            lightest = slot
    one, other, cosine = _closest_two(row, int(rules.slots_most))
    if cosine >= rules.slots_merge:
        _merge(row, one, other)
        return other
    return -1 if late and added <= row.slot_mass[lightest] else lightest


@compiled
def _closest_two(row: Row, count: int) -> tuple[int, int, float]:
    """The two of the first `count` slots with the closest centres, the heavier one first, and their cosine."""
    one, other, best = 0, 1, -2.0
    for a in range(count):
        for b in range(a + 1, count):
            alike = _cosine_of(row.slot[a], row.slot[b])
            if alike > best:
                one, other, best = a, b, alike
    if row.slot_mass[one] < row.slot_mass[other]:
        one, other = other, one
    return one, other, best


@compiled
def _cosine_of(a: Centre, b: Centre) -> float:
    dot, square, other = 0, 0, 0
    for at in range(a.shape[0]):
        dot += int(a[at]) * int(b[at])
        square += int(a[at]) * int(a[at])
        other += int(b[at]) * int(b[at])
    return dot / math.sqrt(float(square) * float(other)) if square > 0 and other > 0 else 0.0


@compiled
def _merge(row: Row, into: int, gone: int) -> None:
    """Make two slots one: the heavier keeps its number and its representative item."""
    mass = row.slot_mass[into] + row.slot_mass[gone]
    share = row.slot_mass[gone] / mass
    for at in range(SLOT_DIMS):
        old = float(row.slot[into][at])
        row.slot[into][at] = np.int8(np.rint(old + share * (float(row.slot[gone][at]) - old)))
    row.slot_mass[into] = mass
    row.slot_s[into] = max(row.slot_s[into], row.slot_s[gone])


@compiled
def _open(row: Row, slot: int) -> None:
    """Make a slot an empty one with a number that no other slot has."""
    _clear(row, slot)
    number = 0
    while number == 0 or _is_used(row, number):
        number = int(row.slots_opened % NUMBERS) + 1
        row.slots_opened += 1
    row.slot_number[slot] = number


@compiled
def _is_used(row: Row, number: int) -> bool:
    """Whether a slot has the number, or a published slot has it."""
    for slot in range(SLOTS):
        if row.slot_number[slot] == number or row.published_slots[slot] == number:
            return True
    return False


@compiled
def _free_if_empty(row: Row, slot: int) -> None:
    if row.slot_mass[slot] <= 0.0:
        _clear(row, slot)


@compiled
def _clear(row: Row, slot: int) -> None:
    for at in range(SLOT_DIMS):
        row.slot[slot][at] = 0
    row.slot_mass[slot], row.slot_near[slot] = 0.0, 0.0
    row.slot_topic[slot], row.slot_item[slot], row.slot_s[slot], row.slot_number[slot] = 0, 0, 0, 0


@compiled
def _name(row: Row, slot: int, event: Row, moved: float, cosine: float) -> None:
    """Make the activity's item the representative if it is nearer to the centre, and give the slot its topic.

    The closeness of the representative was measured against an earlier centre. The centre has since moved by a share of
    its distance to this activity; the stored closeness is lowered by as much.
    """
    row.slot_near[slot] = max(row.slot_near[slot] - moved * (1.0 - cosine), 0.0)
    if event.category != 0 and row.slot_topic[slot] == 0:
        row.slot_topic[slot] = event.category
    near = cosine_to(row.slot[slot], event.vector)
    if event.item != 0 and (row.slot_item[slot] == 0 or near >= row.slot_near[slot]):
        row.slot_item[slot], row.slot_near[slot] = event.item, max(near, 0.0)
        if event.category != 0:
            row.slot_topic[slot] = event.category
