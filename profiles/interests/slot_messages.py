"""What is said of slots and of a session's intent."""

from functools import lru_cache
from typing import Any

from liveprofile.profiles.records.facts import Change, Code, Reason
from liveprofile.profiles.records.reasons import change_of
from liveprofile.profiles.state.dictionary import Dictionary

Detection = Any


def slot_change(detection: Detection, dictionary: Dictionary) -> Change:
    """A slot that opened or closed: which one it is, what it is called, and the item that stands for it."""
    opened = detection.after[0] != 0
    topic, number, item = detection.after if opened else detection.before
    code = Code.SLOT_OPENED if opened else Code.SLOT_CLOSED
    reason = Reason(code, "slot-share@1", detection.threshold, round(detection.observed, 4))
    slot = {"slot": number, "topic": dictionary.name(topic), "item": item_hex(item)}
    if opened:
        return change_of("interests.slots", "add", None, slot, reason)
    return change_of("interests.slots", "remove", slot, None, reason)


def intent_change(detection: Detection, dictionary: Dictionary) -> Change:
    """What the session is about, was about, or both."""
    before, after = (dictionary.name(topic) if topic else None for topic in (detection.before[0], detection.after[0]))
    code = Code.INTENT_LOST if not after else Code.INTENT_SHIFTED if before else Code.INTENT_FOUND
    reason = Reason(code, "session-leader@1", detection.threshold, round(detection.observed, 4))
    return change_of(
        "interests.intent", "replace" if before and after else "add" if after else "remove", before, after, reason
    )


@lru_cache(maxsize=65_536)
def item_hex(digest: int) -> str | None:
    """An item's digest as it is the key of the `items` topic; None for 0.

    >>> item_hex(-1)
    'ffffffffffffffff'
    """
    return f"{int(digest) & 0xFFFFFFFFFFFFFFFF:016x}" if digest else None
