"""Slots and intent as lines of a profile's panel."""

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from liveprofile.streams.language.panel import Labels
from liveprofile.streams.logs import escape


def interests_apart(snapshot: Mapping[str, Any], say: Labels, most: int = 6) -> Text | None:
    """The slots with their shares, and the session's intent; None without both."""
    slots, intent = snapshot.get("slots") or [], snapshot.get("intent") or {}
    if not slots and not intent:
        return None
    text = Text(say("Interests kept apart") + "  ", "dim") if slots else Text()
    for slot in slots[:most]:
        text.append(escape(say.topic(slot["topic"]) if slot.get("topic") else say("not named yet")))
        text.append(f" {float(slot.get('share') or 0.0):.0%}   ", "bold")
    if intent:
        text.append("\n" if slots else "").append(say("This session is about") + "  ", "dim")
        text.append(escape(say.topic(intent.get("topic"))), "cyan")
        text.append("  " + say("{share} sure", share=f"{float(intent.get('confidence') or 0.0):.0%}"), "dim")
    return text
