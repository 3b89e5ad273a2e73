"""Lifecycle and segments in words."""

from collections.abc import Mapping
from typing import Any


def lifecycle_words(before: Any, after: Any, reason: Mapping[str, Any]) -> tuple[str, str]:
    """Another state of the lifecycle, and the rule that says so."""
    what = f"is now {_plain(after)}, was {_plain(before)}" if before else f"begins as {_plain(after)}"
    return what, _decided(reason)


def segment_words(before: Any, after: Any, reason: Mapping[str, Any]) -> tuple[str, str]:
    """Segments entered or left."""
    old, new = (names if isinstance(names, list) else [] for names in (before, after))
    entered, left = [name for name in new if name not in old], [name for name in old if name not in new]
    what = []
    if entered:
        what.append(f"joined {_segments(entered)}")
    if left:
        verb = "does not want to be in" if reason.get("code") == "SEGMENT_REFUSED" else "left"
        what.append(f"{verb} {_segments(left)}")
    return " and ".join(what) or "segments are said again", _decided(reason)


def _segments(names: list[Any]) -> str:
    return f"the segment{'s' if len(names) > 1 else ''} {', '.join(_plain(name) for name in names)}"


def _decided(reason: Mapping[str, Any]) -> str:
    """What was compared with what."""
    rule, observed, threshold = str(reason.get("rule", "")), reason.get("observed"), reason.get("threshold")
    if reason.get("code") == "SEGMENT_REFUSED":
        return "the person said so"
    if rule.startswith("removed@"):
        return "the shop's rules do not have it any more"
    if not isinstance(observed, int | float) or not isinstance(threshold, int | float):
        return ""
    condition = reason.get("condition")
    if not condition:
        return f"rule {rule}: {observed:,.4g} against {threshold:,.4g}"
    name = reason.get("observed_name")
    return f"rule {rule}: {condition}, it is {f'{observed:,.4g}' if name is None else name or 'none'}"


def _plain(name: Any) -> str:
    return str(name).replace("-", " ")
