"""Sentences for changes of slots and intent."""

from typing import Any

from liveprofile.streams.render.topic_names import topic_name


def slot_words(before: Any, after: Any, share: str) -> tuple[str, str]:
    """A slot that opened or closed.

    >>> slot_words(None, {"slot": 3, "topic": "home/kitchen/coffee"}, "31%")
    ('has an interest of its own in coffee', '31% of all interests, as number 3')
    """
    slot = after if isinstance(after, dict) else before if isinstance(before, dict) else {}
    topic, number = topic_name(slot.get("topic", "?")), slot.get("slot", "?")
    what = f"has an interest of its own in {topic}" if after else f"no longer has an interest of its own in {topic}"
    return what, f"{share or 'part'} of all interests, as number {number}"


def intent_words(before: Any, after: Any, confidence: str) -> tuple[str, str]:
    """A change of a session's intent.

    >>> intent_words("garden/tools", "home/bath", "71%")
    ('is here for bath, not tools any more', '71% sure')
    """
    why = f"{confidence} sure" if confidence else ""
    if not after:
        return f"is no longer here for {topic_name(before)}", why
    return f"is here for {topic_name(after)}" + (f", not {topic_name(before)} any more" if before else ""), why
