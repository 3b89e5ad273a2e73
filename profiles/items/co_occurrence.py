"""Item pairs: two items in which one shopper was interested within a short time. The item graph is built from them."""

import numpy as np

from liveprofile.profiles.kernel.context import PAIRS, DetectionBuffers
from liveprofile.profiles.kernel.policy import Rules
from liveprofile.profiles.numeric.epoch import epoch_s
from liveprofile.profiles.numeric.exact import remaining
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.state.row import RECENT, Row

OTHERS = 3
"""Maximum number of other items paired with an activity's item."""
MOST_PER_EVENT = 1 + 2 * OTHERS
"""Maximum number of pairs per activity: the item itself, and each pair once for both of its items."""

PAIR = np.dtype(
    [
        ("offset", "<i8"),  # of the activity, in its partition: with it, the coordinate that identifies a repeat
        ("time_ms", "<i8"),
        ("item", "<u8"),  # digest64 of the item that owns the pair
        ("other", "<u8"),  # 0: the item itself was viewed, which counts for popularity
        ("weight", "<f4"),
        ("after", "u1"),  # 1: other came after item, 0: before
    ],
)


@compiled
def add_pairs(row: Row, event: Row, offset: int, rules: Rules, buffers: DetectionBuffers) -> None:
    """Pair the activity's item with the last other ones of the profile's ring, before it goes into the ring itself.

    A pair weighs what the weaker of its two actions does, halved by the pair half-life between them, over the number
    of other items from one to the other. A pair of the same items is not counted again
    unless the new action weighs more: pages are reloaded. A late activity counts as before the items in the ring.
    """
    weight = rules.action_weights[event.action]
    if event.item == 0 or weight <= 0.0:
        return
    _add(buffers, offset, event, event.item, 0, weight, 0)
    met, now_s = 0, epoch_s(event.event_time_ms)
    for back in range(1, min(RECENT, row.events) + 1):
        at = (row.events - back) % RECENT
        item, other_weight = row.recent_item[at], rules.action_weights[row.recent_action[at]]
        if item == event.item and other_weight >= weight:
            return
        if item == 0 or item == event.item or other_weight <= 0.0 or _met_since(row, item, back):
            continue
        met += 1
        apart_s = now_s - int(row.recent_s[at])
        strength = min(weight, other_weight) * remaining(abs(apart_s) * 1000.0, rules.decay_pair_half_life_s) / met
        later = 1 if apart_s >= 0 else 0
        _add(buffers, offset, event, event.item, item, strength, 1 - later)
        _add(buffers, offset, event, item, event.item, strength, later)
        if met == OTHERS:
            return


@compiled
def _met_since(row: Row, item: int, back: int) -> bool:
    """Whether an item is in the ring once more, fewer than `back` steps back."""
    for nearer in range(1, back):
        if row.recent_item[(row.events - nearer) % RECENT] == item:
            return True
    return False


@compiled
def _add(buffers: DetectionBuffers, offset: int, event: Row, item: int, other: int, weight: float, after: int) -> None:
    pair = buffers.pairs[buffers.filled[PAIRS]]
    pair.offset, pair.time_ms = offset, event.event_time_ms
    pair.item, pair.other, pair.weight, pair.after = item, other, weight, after
    buffers.filled[PAIRS] += 1
