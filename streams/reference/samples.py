"""A sample change for every reason code, for the reference page; a test checks that each code has one."""

from collections.abc import Iterator
from typing import Any

from liveprofile.profiles.facts.facts import Change, Code, Reason
from liveprofile.profiles.facts.reasons import change_of
from liveprofile.profiles.facts.snapshot import Chance, Contribution
from liveprofile.profiles.facts.wording import number
from liveprofile.profiles.state.row import PATHS
from liveprofile.profiles.traits.registry import PUBLISHED_TRAITS


def _sample(
    code: Code,
    path: str,
    before: Any,
    after: Any,
    observed: float,
    threshold: float,
    rule: str = "sample@1",
    condition: str | None = None,
) -> Change:
    reason = Reason(code, rule, threshold, observed, condition)
    comparison = f"{condition}, observed {number(observed)}" if condition else ""
    return change_of(path, "replace", before, after, reason, comparison)


_BECAUSE = [Contribution("session_cart", "what was put into the cart raises it", 1.25)]
_CHANCE = Chance("high", 0.61, 0.8, _BECAUSE, "predictor@12")
_LESS = Chance("middle", 0.2, 0.8, _BECAUSE, "predictor@12")
_PREDICTIONS = tuple(path for path in PATHS if path.startswith("predictions."))
_SLOT = {"slot": 3, "topic": "home/kitchen", "item": "00c5fa1e9d3b7a42"}

SAMPLES: tuple[Change, ...] = (
    _sample(Code.INTEREST_ENTERED, "interests.session", [], ["home/kitchen/cookware"], 0.41, 0.34),
    _sample(Code.INTEREST_LEFT, "interests.long", ["garden/tools"], [], 0.09, 0.10),
    _sample(Code.INTEREST_SHIFTED, "interests.short", ["toys/puzzles"], ["books"], 0.31, 0.25),
    _sample(Code.BRAND_FAVOURED, "brands", [], ["Arbo"], 0.36, 0.30),
    _sample(Code.BRAND_DROPPED, "brands", ["Arbo"], [], 0.12, 0.15),
    _sample(Code.CLUSTER_ASSIGNED, "cluster", None, 7, 0.22, 0.15, "nearest-centre@12"),
    _sample(Code.CLUSTER_CHANGED, "cluster", 7, 9, 0.22, 0.15, "nearest-centre@13"),
    *(_sample(Code.CHANCE_ROSE, path, {"band": "middle"}, _CHANCE, 0.61, 0.5) for path in _PREDICTIONS),
    *(_sample(Code.CHANCE_FELL, path, {"band": "high"}, _LESS, 0.2, 0.3) for path in _PREDICTIONS),
    _sample(Code.SLOT_OPENED, "interests.slots", None, _SLOT, 0.3, 0.2),
    _sample(Code.SLOT_CLOSED, "interests.slots", _SLOT, None, 0.04, 0.05),
    _sample(Code.INTENT_FOUND, "interests.intent", None, "home/kitchen", 0.7, 0.5),
    _sample(Code.INTENT_SHIFTED, "interests.intent", "home/kitchen", "books", 0.6, 0.5),
    _sample(Code.INTENT_LOST, "interests.intent", "books", None, 0.2, 0.3),
    *(
        _sample(Code(why.code), path, *why.sample, trait.rule)
        for path, trait in PUBLISHED_TRAITS.items()
        for why in trait.reasons
    ),
    _sample(Code.DECLARED, "declared", None, {"language": "de"}, 0.0, 0.0, "person@1"),
    _sample(Code.CORRECTED, "declared", {"price_focus": "value"}, {"price_focus": "quality"}, 0.0, 0.0, "person@1"),
    _sample(Code.CORRECTED, "hours", "evening", None, 0.0, 0.0, "person@1"),
    _sample(Code.WITHDRAWN, "declared", {"language": "de"}, None, 0.0, 0.0, "person@1"),
    _sample(Code.LIFECYCLE_CHANGED, "lifecycle", "active", "at-risk", 42.0, 14.0, "at-risk@1", "quiet.days > 14"),
    _sample(
        Code.SEGMENT_ENTERED,
        "segments",
        ["vip"],
        ["vip", "cart-left"],
        0.0417,
        0.0417,
        "cart-left@1",
        "quiet.days >= 0.0417",
    ),
    _sample(Code.SEGMENT_LEFT, "segments", ["vip", "cart-left"], ["vip"], 3.0, 3.0, "cart-left@1", "quiet.days < 3"),
    _sample(Code.SEGMENT_REFUSED, "segments", ["vip"], [], 0.0, 0.0, "vip@1"),
    _sample(Code.ERASED, "profile", None, None, 0.0, 0.0, "erasure@1"),
    _sample(Code.FORGOTTEN, "profile", None, None, 730.0, 730.0, "idle@1"),
)
"""At least one sample for every code and each of its paths."""


def samples_of(code: Code) -> Iterator[Change]:
    """The samples of one code; the first is shown."""
    return (one for one in SAMPLES if one.reason.code == code)
