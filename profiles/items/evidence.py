"""What speaks for each item as a profile's next one, in numbers that a ranker weighs.

For every item of the shelf: how near its text is to the last items and to the slots of interest, how many rare words of
its title they share, how often it was met together with them, how popular it is, whether brand or category are theirs,
and whether it is one of them. The last items count by age: each step back leaves `FADE` of an item's say.
"""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from profiles.items.shelf import Floats, Ints, Shelf, unit

FADE = 0.7
"""What each step back in the last actions leaves of an item's say."""
SMOOTH = 15.0
"""Added to the weight of an item's actions before its ties are divided by it: three purchases."""

PARTS: dict[str, tuple[str, ...]] = {
    "text": ("text mean", "text nearest", "text last", "text slots"),
    "words": ("words mean", "words nearest", "words last"),
    "together": ("together", "after", "before", "after last", "before last", "near together"),
    "popular": ("popular",),
    "alike": ("brand", "brand last", "category", "category last"),
    "known": ("bought", "bought last", "seen"),
}
"""The names of the numbers, by what they speak of."""
NAMES = tuple(name for names in PARTS.values() for name in names)
BOUGHT = NAMES.index("bought")

Profile = Mapping[str, Any]
"""A decoded snapshot."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of all items of a shelf for one profile."""

    values: Floats
    """One row for each of `NAMES`, one column for each item: (k, n)."""
    own: Ints
    """Places of the profile's last items (j,), the newest first, each once."""
    nearness: Floats
    """Closeness of all items to each of them, by text (j, n)."""
    slot_nearness: Floats
    """Closeness of all items to each slot, the heaviest counting twice a light one (s, n)."""
    ties: Floats
    """Weight of being met with each of the last items (j, n)."""


def evidence(profile: Profile, shelf: Shelf) -> Evidence:
    """The evidence for every item of a shelf that is not empty."""
    recent, slots = profile.get("recent") or [], profile.get("slots") or []
    bought = _items_once(recent, shelf)
    own = np.array([shelf.place[item] for item in bought], np.int64)
    say = np.float32(FADE) ** np.arange(len(own), dtype=np.float32)
    say /= max(float(say.sum()), 1e-9)
    nearness = _of_others(shelf.vectors[own] @ shelf.vectors.T, own)
    slot_nearness = _near_slots(slots, shelf)
    after, before = _ties(own, shelf)
    popularity = shelf.popularity
    rows = [
        *_by_age(nearness, say),
        slot_nearness.max(axis=0, initial=0.0),
        *_by_age(_of_others(shelf.words.closeness(own.tolist()), own), say),
        *_together(own, say, after, before, shelf, popularity),
        np.log1p(popularity / 5.0),
        *_alike(shelf.brands, own, say),
        *_alike(shelf.categories, own, say),
        *_known(list(bought.values()), own, len(shelf)),
    ]
    return Evidence(np.array(rows, np.float32), own, nearness, slot_nearness, after + before)


def _items_once(recent: Sequence[Mapping[str, Any]], shelf: Shelf) -> dict[str, bool]:
    """Items of the last actions that are on the shelf, the one met last first; and whether each was bought."""
    bought: dict[str, bool] = {}
    for action in recent:
        if (item := action.get("item")) in shelf.place:
            bought[item] = bought.get(item, False) or action.get("action") == "purchase"
    return bought


def _of_others(closeness: Floats, own: Ints) -> Floats:
    """Closeness (j, n), but for that of the last items to themselves: that it is one of them is said apart."""
    closeness[np.arange(len(own)), own] = 0.0
    return closeness


def _by_age(closeness: Floats, say: Floats) -> tuple[Floats, Floats, Floats]:
    """Of closeness (j, n): the mean by age, the largest, that of the last item; each (n,)."""
    if not len(closeness):
        nothing = np.zeros(closeness.shape[1], np.float32)
        return nothing, nothing, nothing
    return say @ closeness, closeness.max(axis=0), closeness[0]


def _near_slots(slots: Sequence[Mapping[str, Any]], shelf: Shelf) -> Floats:
    """How near each item is to each slot (s, n)."""
    if not slots:
        return np.zeros((0, len(shelf)), np.float32)
    centres = np.array([np.frombuffer(b64decode(slot["centre"]), np.int8) for slot in slots], np.float32)
    dims = min(centres.shape[1], shelf.vectors.shape[1])
    shares = np.array([slot["share"] for slot in slots], np.float32)
    weight = 0.5 + 0.5 * shares / max(float(shares.max()), 1e-9)
    near: Floats = (unit(centres[:, :dims]) * weight[:, None]) @ unit(shelf.vectors[:, :dims]).T
    return near


def _ties(own: Ints, shelf: Shelf) -> tuple[Floats, Floats]:
    """What each item weighs after and before each of the last ones: (j, n) each."""
    after, before = np.zeros((2, len(own), len(shelf)), np.float32)
    for at, place in enumerate(own.tolist()):
        others, later, earlier = shelf.together(shelf.items[place].item)
        after[at, others], before[at, others] = later, earlier
    return after, before


def _together(own: Ints, say: Floats, after: Floats, before: Floats, shelf: Shelf, popularity: Floats) -> list[Floats]:
    """How much each item is met with the last ones: at all, and beyond what the popularity of both explains."""
    if not len(own):
        return [np.zeros(len(shelf), np.float32)] * 6
    usual = np.sqrt(popularity + SMOOTH) / 5.0
    base = (popularity[own] + SMOOTH)[:, None]
    later, earlier = after / base / usual, before / base / usual
    weights = say @ ((after + before) / (popularity[own] + SMOOTH)[:, None])
    others = np.flatnonzero(weights)
    near = shelf.vectors @ (weights[others] @ shelf.vectors[others])
    much = np.sqrt(say @ (after + before) / 5.0)
    return [much, say @ later, say @ earlier, later[0], earlier[0], near]


def _alike(codes: Ints, own: Ints, say: Floats) -> tuple[Floats, Floats]:
    """Whether each item has the code of the last ones, by age, and of the very last one: (n,) each."""
    if not len(own):
        return np.zeros(len(codes), np.float32), np.zeros(len(codes), np.float32)
    same = ((codes == codes[own][:, None]) & (codes != 0)).astype(np.float32)
    return say @ _of_others(same, own), same[0]


def _known(bought: Sequence[bool], own: Ints, count: int) -> Floats:
    """Whether each item was bought among the last actions, was the last one and bought, was only seen: (3, n)."""
    marks = np.zeros((3, count), np.float32)
    marks[0, own], marks[1, own[:1]], marks[2, own] = bought, bought[:1], [not one for one in bought]
    return marks
