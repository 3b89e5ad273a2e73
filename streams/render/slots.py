"""Slots and intent as lines of a profile's panel."""

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from liveprofile.profiles.facts.wording import topic_name
from liveprofile.streams.logs import escape


def interests_apart(snapshot: Mapping[str, Any], most: int = 6) -> Text | None:
    """The slots with their shares, and the session's intent; None without both."""
    slots, intent = snapshot.get("slots") or [], snapshot.get("intent") or {}
    if not slots and not intent:
        return None
    text = Text("Interests kept apart  ", "dim") if slots else Text()
    for slot in slots[:most]:
        text.append(escape(topic_name(slot.get("topic") or "not named yet")))
        text.append(f" {float(slot.get('share') or 0.0):.0%}   ", "bold")
    if intent:
        text.append("\n" if slots else "").append("This session is about  ", "dim")
        text.append(escape(topic_name(intent.get("topic"))), "cyan")
        text.append(f"  {float(intent.get('confidence') or 0.0):.0%} sure", "dim")
    return text
