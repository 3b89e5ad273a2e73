"""Lifecycle and segments as snapshots show them."""

from typing import Any

from liveprofile.profiles.facts.facts import rfc3339
from liveprofile.profiles.facts.snapshot import Lifecycle, Membership
from liveprofile.profiles.segments.rules import RuleSet


def lifecycle_shown(number: int, since_s: int, rules: RuleSet) -> Lifecycle | None:
    """The state in force; None before the first one, and for one that the rules no longer have."""
    name = rules.state_name(number)
    return Lifecycle(name, rfc3339(since_s * 1000)) if name else None


def segments_shown(mask: int, since_s: list[Any], rules: RuleSet) -> list[Membership]:
    """The segments with their bits set, in the order of the rules' slots."""
    return [Membership(name, rfc3339(since_s[rules.slots[name]] * 1000)) for name in rules.segment_names(mask)]
