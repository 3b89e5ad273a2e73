"""Price levels: the usual price of each category in a partition. New counts come into force at ticks.

A hash table of categories with open addressing and linear probing (Knuth, TAOCP 3, 6.4). It keeps the first MOST
categories of the log and removes none, so a lookup ends at the first free place.
"""

from base64 import b64decode, b64encode
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.numeric.aliases import Row
from liveprofile.profiles.numeric.exact import log2
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.numeric.robust_scale import huber_update
from liveprofile.profiles.records.activity import Action

MOST = 1024
"""Maximum number of categories with a level."""
PLACES = 2048
"""Places of the table; at least one is always free."""
LEVEL = np.dtype(
    [
        ("category", "<u4"),  # digest32; 0 for a free place
        ("count", "<u4"),
        ("location", "<f4"),  # of log2(price of a piece in minor units), counted so far
        ("spread", "<f4"),
        ("level", "<f4"),  # location in force
        ("width", "<f4"),  # spread in force; 0 while there is none
    ]
)
LEAST_STEP = 0.002
"""Minimum weight of a price: levels follow about the last 500 prices."""
LEAST_WIDTH = 0.25
"""Floor of a level's spread: a quarter of an octave, 19% up or down."""
MOST_Z = 4.0
MOST_COUNTED = 1 << 31
REFUND, FAILED = int(Action.REFUND), int(Action.FAILED)

Table = npt.NDArray[np.void]


@dataclass(slots=True)
class PriceLevels:
    """The categories' price levels of one partition."""

    table: Table = field(default_factory=lambda: np.zeros(PLACES, LEVEL))

    def count(self, heads: npt.NDArray[np.void]) -> None:
        """Count the prices of activities, in the order of the log."""
        _count(self.table, heads)

    def refresh(self, min_count: int) -> None:
        """Put the counted levels in force, for categories with at least `min_count` prices."""
        ready = self.table["count"] >= min_count
        self.table["level"][ready] = self.table["location"][ready]
        self.table["width"][ready] = np.maximum(self.table["spread"][ready], np.float32(LEAST_WIDTH))

    def to_state(self) -> str:
        """The levels as base64, in the order of their digests."""
        used = self.table[self.table["category"] != 0]
        return b64encode(np.sort(used, order="category").tobytes()).decode()

    @classmethod
    def from_state(cls, state: str) -> "PriceLevels":
        """The levels of `to_state`."""
        levels = cls()
        for level in np.frombuffer(b64decode(state), LEVEL):
            levels.table[place_of(levels.table, level["category"])] = level
        return levels


@compiled
def place_of(table: Table, category: int) -> int:
    """The place of a category, or else the free place for it."""
    at = int(category) % PLACES
    while table[at].category != 0 and table[at].category != category:
        at = (at + 1) % PLACES
    return at


@compiled
def is_priced(event: Row) -> bool:
    """Whether an activity has the price of an item with a category."""
    return bool(event.amount > 0 and event.category != 0 and event.action != REFUND and event.action != FAILED)


@compiled
def piece_price(event: Row) -> float:
    """log2 of the price of a piece or a kilo, minor units: the item's own, else the line's amount by its quantity."""
    return log2(float(event.price)) if event.price > 0 else log2(event.amount / max(int(event.quantity), 1))


@compiled
def price_z(table: Table, event: Row) -> tuple[float, bool]:
    """Distance of a price from its category's level, in spreads, cut at MOST_Z; and whether there is a level."""
    level = table[place_of(table, event.category)]
    if level.width <= 0.0:
        return 0.0, False
    return min(max((piece_price(event) - level.level) / level.width, -MOST_Z), MOST_Z), True


@compiled
def _used(table: Table) -> int:
    """Number of categories in the table."""
    used = 0
    for at in range(len(table)):
        used += table[at].category != 0
    return used


@compiled
def _count(table: Table, heads: npt.NDArray[np.void]) -> None:
    used = -1
    for at in range(len(heads)):
        head = heads[at]
        if not is_priced(head):
            continue
        level = table[place_of(table, head.category)]
        if level.category == 0:
            used = _used(table) if used < 0 else used
            if used >= MOST:
                continue
            level.category = head.category
            used += 1
        price, seen = piece_price(head), int(level.count)
        level.location, level.spread = huber_update(level.location, level.spread, price, seen, LEAST_STEP)
        level.count = min(seen + 1, MOST_COUNTED)
