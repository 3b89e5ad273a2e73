"""Turns detections of slots and of a session's intent into changes."""

from functools import lru_cache
from typing import Any

from liveprofile.profiles.facts.facts import Change, Code, Reason
from liveprofile.profiles.facts.reasons import change_of
from liveprofile.profiles.interests.detect_slots import ITEM, NUMBER, TOPIC
from liveprofile.profiles.kernel.detections import VALUE
from liveprofile.profiles.state.dictionary import Dictionary

Detection = Any


def slot_change(detection: Detection, dictionary: Dictionary) -> Change:
    """A slot that opened or closed: its number, its topic, and its representative item."""
    opened = detection.after[TOPIC] != 0
    slot = detection.after if opened else detection.before
    code = Code.SLOT_OPENED if opened else Code.SLOT_CLOSED
    reason = Reason(code, "slot-share@1", detection.threshold, round(detection.observed, 4))
    value = {"slot": slot[NUMBER], "topic": dictionary.name(slot[TOPIC]), "item": item_hex(slot[ITEM])}
    if opened:
        return change_of("interests.slots", "add", None, value, reason)
    return change_of("interests.slots", "remove", value, None, reason)


def intent_change(detection: Detection, dictionary: Dictionary) -> Change:
    """A change of the session's topic: the new one, the former one, or both."""
    before, after = (
        dictionary.name(topic) if topic else None for topic in (detection.before[VALUE], detection.after[VALUE])
    )
    code = Code.INTENT_LOST if not after else Code.INTENT_SHIFTED if before else Code.INTENT_FOUND
    reason = Reason(code, "session-leader@1", detection.threshold, round(detection.observed, 4))
    return change_of(
        "interests.intent", "replace" if before and after else "add" if after else "remove", before, after, reason
    )


@lru_cache(maxsize=65_536)
def item_hex(digest: int) -> str | None:
    """An item's digest as the key of the `items` topic; None for 0.

    >>> item_hex(-1)
    'ffffffffffffffff'
    """
    return f"{int(digest) & 0xFFFFFFFFFFFFFFFF:016x}" if digest else None
