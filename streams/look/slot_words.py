"""Changes of interests kept apart, and of what a session is about, in words."""

from collections.abc import Callable, Mapping
from typing import Any

Words = tuple[str, str]
"""What changed, and why."""
Reason = Mapping[str, Any]


def _slots(before: Any, after: Any, reason: Reason) -> Words:
    said = after or before
    topic = _name(said.get("topic") if isinstance(said, Mapping) else said)
    if after is None:
        return f"has let go of an interest of its own, in {topic}", _share("of lasting interest", reason, "below")
    return f"has an interest of its own, in {topic}", _share("of lasting interest", reason, "over")


def _intent(before: Any, after: Any, reason: Reason) -> Words:
    if after is None:
        return f"is no longer after {_name(before)}", _share("confidence", reason, "below")
    was = f", no longer after {_name(before)}" if before else ""
    return f"is after {_name(after)}{was}", _share("confidence", reason, "over")


def _share(of_what: str, reason: Reason, side: str) -> str:
    share, threshold = reason.get("observed"), reason.get("threshold")
    if not isinstance(share, float) or not isinstance(threshold, float):
        return ""
    return f"{share:.0%} {of_what}, {side} {threshold:.0%}"


def _name(topic: Any) -> str:
    """The end of a topic's path."""
    return str(topic).rstrip("/").rpartition("/")[2].replace("_", " ")


SLOT_WORDS: Mapping[str, Callable[[Any, Any, Reason], Words]] = {"interests.slots": _slots, "interests.intent": _intent}
"""How a change of each path is told."""
