"""Ranking features: numbers for each item as the next item of a profile, which a ranker weighs.

The features of each item in the index are: similarity of its text to the last items and to the interest slots, rare
title words shared with them, co-occurrence with them, popularity, whether the brand is the same, and whether it is one
of them. The last items are weighted by age: each step back multiplies the weight by `FADE`.
"""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from liveprofile.profiles.items.index import Floats, Ints, ItemIndex, unit

FADE = 0.7
"""Factor on an item's weight for each step back in the last actions."""
PURCHASE = 5.0
"""Weight of a purchase among actions; popularity and neighbour weights are divided by it."""
SMOOTH = 3.0
"""Purchases added to an item's own before its neighbour weights are divided by them."""
SCALE = 5.0
"""Scales these ratios to about the range of the other numbers, so one learning rate fits all."""

PARTS: dict[str, tuple[str, ...]] = {
    "text": ("text mean", "text nearest", "text last", "text slots"),
    "words": ("words mean", "words nearest", "words last"),
    "together": ("together", "together at all", "after", "before", "after last", "before last"),
    "popular": ("popular", "popular if few"),
    "brand": ("brand", "brand last"),
    "known": ("bought", "bought last", "seen"),
}
"""The names of the ranking features, by group."""
NAMES = tuple(name for names in PARTS.values() for name in names)
BOUGHT = NAMES.index("bought")

Profile = Mapping[str, Any]
"""A decoded snapshot."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The ranking features of all items of an index for one profile."""

    values: Floats
    """One row for each of `NAMES`, one column for each item: (k, n)."""
    own: Ints
    """Places of the profile's last items (j,), the newest first, each once."""
    nearness: Floats
    """Closeness of all items to each of them, by text (j, n)."""
    slot_nearness: Floats
    """Closeness of all items to each slot, the heaviest counting twice a light one (s, n)."""
    ties: Floats
    """Weight of occurring with each of the last items (j, n)."""


def evidence(profile: Profile, index: ItemIndex) -> Evidence:
    """The ranking features of every item of an index that is not empty."""
    recent, slots = profile.get("recent") or [], profile.get("slots") or []
    bought = _items_once(recent, index)
    own = np.array([index.place[item] for item in bought], np.int64)
    weights = np.float32(FADE) ** np.arange(len(own), dtype=np.float32)
    weights /= max(float(weights.sum()), 1e-9)
    nearness = index.vectors[own] @ index.vectors.T
    slot_nearness = _near_slots(slots, index)
    after, before = _ties(own, index)
    popularity = index.popularity / np.float32(PURCHASE)
    popular = np.log1p(popularity)
    rows = [
        *_by_age(nearness, weights),
        slot_nearness.max(axis=0, initial=0.0),
        *_by_age(index.words.closeness(own.tolist()), weights),
        *_together(own, weights, after, before, popularity),
        popular,
        popular / max(len(own), 1),
        *_alike(index.brands, own, weights),
        *_known(list(bought.values()), own, len(index)),
    ]
    return Evidence(np.array(rows, np.float32), own, nearness, slot_nearness, after + before)


def _items_once(recent: Sequence[Mapping[str, Any]], index: ItemIndex) -> dict[str, bool]:
    """Items of the last actions that are in the index, the newest first; and whether each was bought."""
    bought: dict[str, bool] = {}
    for action in recent:
        if (item := action.get("item")) in index.place:
            bought[item] = bought.get(item, False) or action.get("action") == "purchase"
    return bought


def _by_age(closeness: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Of closeness (j, n): the mean by age, the largest, that of the last item; each (n,)."""
    if not len(closeness):
        nothing = np.zeros(closeness.shape[1], np.float32)
        return nothing, nothing, nothing
    return weights @ closeness, closeness.max(axis=0), closeness[0]


def _near_slots(slots: Sequence[Mapping[str, Any]], index: ItemIndex) -> Floats:
    """How near each item is to each slot (s, n)."""
    if not slots:
        return np.zeros((0, len(index)), np.float32)
    centres = np.array([np.frombuffer(b64decode(slot["centre"]), np.int8) for slot in slots], np.float32)
    dims = min(centres.shape[1], index.vectors.shape[1])
    shares = np.array([slot["share"] for slot in slots], np.float32)
    weight = 0.5 + 0.5 * shares / max(float(shares.max()), 1e-9)
    near: Floats = (unit(centres[:, :dims]) * weight[:, None]) @ unit(index.vectors[:, :dims]).T
    return near


def _ties(own: Ints, index: ItemIndex) -> tuple[Floats, Floats]:
    """Weight of each item after and before each of the last ones, in purchases: (j, n) each."""
    after, before = np.zeros((2, len(own), len(index)), np.float32)
    for at, place in enumerate(own.tolist()):
        others, later, earlier = index.together(index.items[place].item)
        after[at, others], before[at, others] = later / PURCHASE, earlier / PURCHASE
    return after, before


def _together(own: Ints, weights: Floats, after: Floats, before: Floats, popularity: Floats) -> list[Floats]:
    """Co-occurrence of each item with the last ones: the sum, whether any, and beyond what both popularities explain.

    The last is weight / (n + SMOOTH) / sqrt(m + SMOOTH), of n purchases of the shopper's item and m of the other.
    """
    if not len(own):
        return [np.zeros(len(popularity), np.float32)] * 6
    usual = (popularity[own] + SMOOTH)[:, None] * np.sqrt(popularity + SMOOTH) / SCALE
    later, earlier = after / usual, before / usual
    much = weights @ (after + before)
    return [np.sqrt(much), much > 0, weights @ later, weights @ earlier, later[0], earlier[0]]


def _alike(codes: Ints, own: Ints, weights: Floats) -> tuple[Floats, Floats]:
    """Whether each item has the code of the last ones, by age, and of the newest one: (n,) each."""
    if not len(own):
        return np.zeros(len(codes), np.float32), np.zeros(len(codes), np.float32)
    same = ((codes == codes[own][:, None]) & (codes != 0)).astype(np.float32)
    same[np.arange(len(own)), own] = 0.0
    return weights @ same, same[0]


def _known(bought: Sequence[bool], own: Ints, count: int) -> Floats:
    """Whether each item was bought among the last actions, was the last one and bought, was only seen: (3, n)."""
    marks = np.zeros((3, count), np.float32)
    marks[0, own], marks[1, own[:1]], marks[2, own] = bought, bought[:1], [not one for one in bought]
    return marks
