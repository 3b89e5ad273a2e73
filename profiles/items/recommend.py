"""Recommends the items that the ranker scores highest for a profile, each with a reason.

The score of an item is the logarithm of its probability relative to an average item of the index, by the ranker's
weights. `parts` holds what each feature group adds to the score; the reason names the group that adds most.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
import numpy as np

from liveprofile.profiles.items.evidence import BOUGHT, Evidence, Profile, evidence
from liveprofile.profiles.items.index import Floats, ItemIndex
from liveprofile.profiles.items.ranker import Ranker, shipped

_KINDS = {"text": "interest", "words": "interest", "brand": "interest", "together": "together", "popular": "popular"}
"""The reason for each group of features; that an item is already known is no reason."""


class Reason(msgspec.Struct, frozen=True):
    """Why an item is recommended: the feature group that adds most to its score."""

    kind: Literal["interest", "together", "popular"]
    because: str | None
    """Title of the shopper's own item behind it, or a topic."""
    words: str


class Recommendation(msgspec.Struct, frozen=True):
    """One item for one profile."""

    item: str
    item_id: str | None
    title: str | None
    category: str | None
    price: float | None
    score: float
    parts: dict[str, float]
    """What each feature group adds to the score; they sum to it."""
    reason: Reason


def recommend(
    profile: Profile, index: ItemIndex, most: int = 10, ranker: Ranker | None = None, *, again: bool = False
) -> list[Recommendation]:
    """The best items for a profile, as its decoded snapshot describes it; for a new shopper, popular items.

    The default ranker is the one shipped with the program. Items bought among the last actions are left out, unless
    `again` is set.

    >>> recommend({"slots": [], "recent": []}, ItemIndex([], [], 3600.0))
    []
    """
    if not len(index):
        return []
    found = evidence(profile, index)
    parts = {name: added - added.mean() for name, added in (ranker or shipped()).parts(found.values).items()}
    scores: Floats = np.sum(list(parts.values()), axis=0)
    left = np.arange(len(index)) if again else np.flatnonzero(found.values[BOUGHT] == 0)
    count = min(most, len(left))
    top = left[np.argpartition(-scores[left], count - 1)[:count]] if count else left
    ranked = top[np.lexsort((top, -scores[top]))]
    slots = profile.get("slots") or []
    return [
        _recommendation(
            place, index, float(scores[place]), {n: float(part[place]) for n, part in parts.items()}, found, slots
        )
        for place in ranked.tolist()
    ]


def _recommendation(
    place: int,
    index: ItemIndex,
    score: float,
    parts: Mapping[str, float],
    found: Evidence,
    slots: Sequence[Mapping[str, Any]],
) -> Recommendation:
    item = index.items[place]
    added = {name: round(part, 4) for name, part in parts.items()}
    reason = _reason(place, index, parts, found, slots)
    return Recommendation(
        item.item, item.item_id, item.title, item.category, item.price, round(score, 4), added, reason
    )


def _reason(
    place: int, index: ItemIndex, parts: Mapping[str, float], found: Evidence, slots: Sequence[Mapping[str, Any]]
) -> Reason:
    kinds = {"interest": 0.0, "together": 0.0, "popular": 0.0}
    for part, kind in _KINDS.items():
        kinds[kind] += parts[part]
    kind = max(kinds, key=lambda one: kinds[one])
    ties = found.ties[:, place]
    if kind == "together" and ties.any():
        title = _title(int(found.own[ties.argmax()]), index)
        return Reason("together", title, f"people who met {title} met it, too")
    if kind == "interest" and (found.own.size or slots):
        return _because_of_interest(place, index, found, slots)
    category = index.items[place].category
    return Reason("popular", category, f"popular in {category}" if category else "popular")


def _because_of_interest(place: int, index: ItemIndex, found: Evidence, slots: Sequence[Mapping[str, Any]]) -> Reason:
    """The reason names the nearest of the last items and of the slots' items, unless it is the item itself."""
    near = [(float(one[place]), int(own)) for one, own in zip(found.nearness, found.own, strict=True) if own != place]
    items = [index.place.get(slot.get("item") or "", -1) for slot in slots]
    near += [
        (float(one[place]), own) for one, own in zip(found.slot_nearness, items, strict=True) if own not in (place, -1)
    ]
    if near:
        title = _title(max(near)[1], index)
        return Reason("interest", title, f"because of your interest in {title}")
    topic = slots[int(found.slot_nearness[:, place].argmax())].get("topic") if slots else index.items[place].category
    return Reason("interest", topic, f"because of your interest in {topic}" if topic else "close to your interests")


def _title(place: int, index: ItemIndex) -> str:
    known = index.items[place]
    return known.title or known.category or known.item_id or known.item
