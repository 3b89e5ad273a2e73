"""Slots and intent as a snapshot shows them."""

from base64 import b64encode
from typing import Any

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.facts.facts import rfc3339
from liveprofile.profiles.facts.snapshot import Intent, Slot
from liveprofile.profiles.interests.slot_messages import item_hex
from liveprofile.profiles.records.activity import VECTOR_ONE
from liveprofile.profiles.state.dictionary import Dictionary
from liveprofile.profiles.state.row import SESSION, SLOTS, Rows


def slots_of(
    columns: dict[str, list[Any]], centres: npt.NDArray[np.int8], at: int, dictionary: Dictionary
) -> list[Slot]:
    """The slots of the profile at a place of the columns, the heaviest first; `centres` (s, k) are its own."""
    masses, topics, seen_s = columns["slot_mass"][at], columns["slot_topic"][at], columns["slot_s"][at]
    total = sum(masses)
    order = sorted((slot for slot in range(SLOTS) if masses[slot] > 0), key=lambda slot: -masses[slot])
    return [
        Slot(
            slot=columns["slot_number"][at][slot],
            topic=dictionary.name(topics[slot]) if topics[slot] else None,
            share=round(masses[slot] / total, 4),
            item=item_hex(columns["slot_item"][at][slot]),
            last_seen=rfc3339(seen_s[slot] * 1000),
            centre=b64encode(centres[slot].tobytes()).decode(),
        )
        for slot in order
    ]


def intents_of(rows: Rows, dictionary: Dictionary) -> list[Intent | None]:
    """The published intents of rows (n,), with their present confidence by `detect_slots.intent_confidence`."""
    published = rows["published_intent"]
    masses = rows["topic_mass"][:, SESSION].astype(np.float64)
    total = np.maximum(masses.sum(axis=1), rows["mass"][:, SESSION])
    own = np.where(rows["topic"] == published[:, None], masses, 0.0).sum(axis=1)
    length = np.sqrt(np.square(rows["interest"][:, SESSION].astype(np.float64)).sum(axis=1)) / VECTOR_ONE
    confidence = np.sqrt(np.divide(own, total, out=np.zeros_like(own), where=total > 0) * length)
    pairs = zip(published.tolist(), confidence.round(4).tolist(), strict=True)
    return [Intent(dictionary.name(topic), confidence) if topic else None for topic, confidence in pairs]
