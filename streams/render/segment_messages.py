"""Sentences for changes of lifecycle and segments."""

from collections.abc import Mapping
from typing import Any


def lifecycle_words(before: Any, after: Any, reason: Mapping[str, Any]) -> tuple[str, str]:
    """A new lifecycle state, and its rule."""
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
    return " and ".join(what) or "segments are unchanged", _decided(reason)


def _segments(names: list[Any]) -> str:
    return f"the segment{'s' if len(names) > 1 else ''} {', '.join(_plain(name) for name in names)}"


def _decided(reason: Mapping[str, Any]) -> str:
    """The rule with observed value and threshold."""
    rule, observed, threshold = str(reason.get("rule", "")), reason.get("observed"), reason.get("threshold")
    if reason.get("code") == "SEGMENT_REFUSED":
        return "by feedback of the person"
    if rule.startswith("removed@"):
        return "the shop's rules no longer have it"
    if not isinstance(observed, int | float) or not isinstance(threshold, int | float):
        return ""
    condition = reason.get("condition")
    compared = f"{condition}, it is {observed:,.4g}" if condition else f"{observed:,.4g} against {threshold:,.4g}"
    return f"rule {rule}: {compared}"


def _plain(name: Any) -> str:
    return str(name).replace("-", " ")
