"""Slots and intent as a snapshot shows them."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.facts.json_columns import NULL, Encoded, Texts, base64_texts, lists, numbers, objects, times
from liveprofile.profiles.facts.snapshot import Intent, Slot
from liveprofile.profiles.interests.slot_messages import item_hex
from liveprofile.profiles.numeric.rounding import rounded
from liveprofile.profiles.records.activity import VECTOR_ONE
from liveprofile.profiles.state.row import SESSION, Rows


def slots_of(rows: Rows, names: Encoded) -> Texts:
    """The slots of each profile, the heaviest first."""
    masses = rows["slot_mass"].astype(np.float64)
    order = np.argsort(-masses, axis=1, kind="stable")
    ranked = np.take_along_axis(masses, order, axis=1)
    shown = ranked > 0
    places, slots = np.nonzero(shown)[0], order[shown]
    found = objects(
        Slot,
        slot=numbers(rows["slot_number"][places, slots]),
        topic=names.all_known(rows["slot_topic"][places, slots]),
        share=numbers(rounded(ranked[shown] / _total(masses)[places], 4)),
        item=item_texts(rows["slot_item"][places, slots]),
        last_seen=times(rows["slot_s"][places, slots].astype(np.int64) * 1000),
        centre=base64_texts(rows["slot"][places, slots]),
    )
    return lists(found, shown.sum(axis=1))


def intents_of(rows: Rows, names: Encoded) -> Texts:
    """The published intents of rows (n,), with their present confidence by `detect_slots.intent_confidence`."""
    published = rows["published_intent"]
    masses = rows["topic_mass"][:, SESSION].astype(np.float64)
    total = np.maximum(masses.sum(axis=1), rows["mass"][:, SESSION])
    own = np.where(rows["topic"] == published[:, None], masses, 0.0).sum(axis=1)
    length = np.sqrt(np.square(rows["interest"][:, SESSION].astype(np.float64)).sum(axis=1)) / VECTOR_ONE
    confidence = np.sqrt(np.divide(own, total, out=np.zeros_like(own), where=total > 0) * length)
    intents = objects(Intent, topic=names.all(published), confidence=numbers(confidence.round(4)))
    return [intent if topic else NULL for intent, topic in zip(intents, published.tolist(), strict=True)]


def item_texts(items: npt.NDArray[np.uint64]) -> Texts:
    """The keys of items (n,) on the `items` topic as JSON; null for 0."""
    return list(map(_item_text, items.tolist()))


@lru_cache(maxsize=65_536)
def _item_text(item: int) -> bytes:
    return b'"%b"' % key.encode() if (key := item_hex(item)) else NULL


def _total(masses: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The sums of the rows (n, k), added from the first to the last: the order decides the last bit."""
    total = np.zeros(len(masses))
    for column in masses.T:
        total += column
    return total
