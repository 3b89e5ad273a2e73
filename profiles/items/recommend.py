"""Recommends items to a profile: what is near its interests, what goes with its last items, and what is popular.

    score = text * closeness to the nearest slot + together * share in what goes with the last items
            + popular * log popularity - bought or seen * whether it was among the last actions

Each part lies between 0 and 1, so that the weights can be read. On a public next-item table, such a blend beats each of
its parts, and neural recommenders (docs say which; `liveprofile backtest` measures it).
"""

from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
import numpy as np

from profiles.items.shelf import Floats, Shelf, unit

FADE = 0.85
"""What each step back in the last actions leaves of an item's say."""


class Weights(msgspec.Struct, frozen=True):
    """How much each part counts."""

    text: float = 0.5
    together: float = 0.4
    popular: float = 0.1
    bought: float = 1.0
    """Taken off what was bought among the last actions."""
    seen: float = 0.3
    """Taken off what was met among them otherwise."""


class Reason(msgspec.Struct, frozen=True):
    """Why an item is recommended: the part of the score that weighs most."""

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
    """What text, together and popular each add to the score."""
    reason: Reason


def recommend(
    profile: Mapping[str, Any], shelf: Shelf, most: int = 10, weights: Weights | None = None
) -> list[Recommendation]:
    """The best items for a profile, as its decoded snapshot describes it; for somebody new, what is popular.

    >>> recommend({"slots": [], "recent": []}, Shelf([], [], 3600.0))
    []
    """
    if not len(shelf):
        return []
    given = weights or Weights()
    slots, recent = profile.get("slots") or [], profile.get("recent") or []
    near, slot_at = _near_slots(slots, shelf)
    together, recent_at = _with_recent(recent, shelf)
    parts = np.stack([given.text * near, given.together * together, given.popular * _popular(shelf)])
    scores = parts.sum(axis=0) - _met(recent, shelf, given)
    count = min(most, len(shelf))
    top = np.argpartition(-scores, count - 1)[:count]
    ranked = top[np.lexsort((top, -scores[top]))]
    return [
        _recommendation(place, float(scores[place]), parts[:, place], slots, slot_at, recent, recent_at, shelf)
        for place in ranked.tolist()
    ]


def _near_slots(slots: Sequence[Mapping[str, Any]], shelf: Shelf) -> tuple[Floats, Sequence[int]]:
    """How near each item (n,) is to its nearest slot, and which that is; the heaviest slot counts twice a light one."""
    if not slots:
        return np.zeros(len(shelf), np.float32), [-1] * len(shelf)
    centres = np.array([np.frombuffer(b64decode(slot["centre"]), np.int8) for slot in slots], np.float32)
    dims = min(centres.shape[1], shelf.vectors.shape[1])
    shares = np.array([slot["share"] for slot in slots], np.float32)
    say = 0.5 + 0.5 * shares / max(float(shares.max()), 1e-9)
    cosines = unit(shelf.vectors[:, :dims]) @ unit(centres[:, :dims]).T * say
    at = cosines.argmax(axis=1)
    return np.maximum(cosines[np.arange(len(shelf)), at], 0.0), at.tolist()


def _with_recent(recent: Sequence[Mapping[str, Any]], shelf: Shelf) -> tuple[Floats, dict[int, int]]:
    """How much each item (n,) goes with the last ones, the most being 1; and with which of them most."""
    score, strongest = np.zeros(len(shelf), np.float32), np.zeros(len(shelf), np.float32)
    because: dict[int, int] = {}
    say = 1.0
    for at, action in enumerate(_items_once(recent)):
        others, shares = shelf.together(recent[action]["item"])
        score[others] += say * shares
        because |= dict.fromkeys(others[say * shares > strongest[others]].tolist(), action)
        strongest[others] = np.maximum(strongest[others], say * shares)
        say = FADE ** (at + 1)
    top = float(score.max())
    return score / top if top > 0 else score, because


def _items_once(recent: Sequence[Mapping[str, Any]]) -> list[int]:
    """Places of the last actions, the newest on each item."""
    first: dict[str, int] = {}
    for at, action in enumerate(recent):
        if action.get("item"):
            first.setdefault(action["item"], at)
    return list(first.values())


def _popular(shelf: Shelf) -> Floats:
    """Popularity (n,) on a logarithmic scale, the most popular being 1."""
    logs: Floats = np.log1p(np.maximum(shelf.popularity, 0.0))
    top = float(logs.max())
    return logs / top if top > 0 else logs


def _met(recent: Sequence[Mapping[str, Any]], shelf: Shelf, weights: Weights) -> Floats:
    """What is taken off each item (n,) because the shopper has it, or knows it."""
    off = np.zeros(len(shelf), np.float32)
    for action in recent:
        place = shelf.place.get(action.get("item") or "")
        if place is not None:
            less = weights.bought if action.get("action") == "purchase" else weights.seen
            off[place] = max(float(off[place]), less)
    return off


def _recommendation(
    place: int,
    score: float,
    parts: Floats,
    slots: Sequence[Mapping[str, Any]],
    slot_at: Sequence[int],
    recent: Sequence[Mapping[str, Any]],
    recent_at: Mapping[int, int],
    shelf: Shelf,
) -> Recommendation:
    item = shelf.items[place]
    kind = int(parts.argmax())
    if kind == 0 and slots:
        reason = _because_of_interest(slots[slot_at[place]], item.item, shelf)
    elif kind == 1 and place in recent_at:
        title = _title(recent[recent_at[place]]["item"], shelf)
        reason = Reason("together", title, f"people who met {title} met it, too")
    else:
        where = f" in {item.category}" if item.category else ""
        reason = Reason("popular", item.category, f"popular{where}")
    told = {name: round(float(part), 4) for name, part in zip(("text", "together", "popular"), parts, strict=True)}
    return Recommendation(item.item, item.item_id, item.title, item.category, item.price, round(score, 4), told, reason)


def _because_of_interest(slot: Mapping[str, Any], item: str, shelf: Shelf) -> Reason:
    """The slot's representative item says it best, unless it is the one that is recommended."""
    own = slot.get("item")
    if own and own != item and own in shelf.place:
        title = _title(own, shelf)
        return Reason("interest", title, f"because of your interest in {title}")
    topic = slot.get("topic")
    return Reason("interest", topic, f"because of your interest in {topic}" if topic else "close to your interests")


def _title(item: str, shelf: Shelf) -> str:
    place = shelf.place.get(item)
    known = shelf.items[place] if place is not None else None
    return (known and (known.title or known.category or known.item_id)) or item
