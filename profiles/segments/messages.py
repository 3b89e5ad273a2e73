"""Turns detections of lifecycle and segments into changes, with the rule that decided."""

from typing import Any, Literal

from liveprofile.profiles.facts.facts import Change, Code, Reason
from liveprofile.profiles.facts.reasons import change_of
from liveprofile.profiles.facts.wording import number
from liveprofile.profiles.kernel.detections import VALUE
from liveprofile.profiles.segments.features import DECLARED, FEATURES
from liveprofile.profiles.segments.judge import ATOM, BY_PERSON, UNDECIDED
from liveprofile.profiles.segments.rules import RuleSet

Detection = Any


def lifecycle_change(detection: Detection, rules: RuleSet) -> Change:
    """A change of the lifecycle state."""
    before, after = rules.state_name(detection.before[VALUE]), rules.state_name(detection.after[VALUE])
    reason = _reason(Code.LIFECYCLE_CHANGED, f"{after}@{rules.file.version}", detection, rules)
    comparison = _comparison(detection, reason, rules)
    return change_of("lifecycle", _op(before, after), before, after, reason, comparison)


def segment_change(detection: Detection, rules: RuleSet) -> Change:
    """One segment entered or left; before and after hold all segments, so a consumer can start from any record."""
    before, after = _mask(detection.before[VALUE]), _mask(detection.after[VALUE])
    old, new = rules.segment_names(before), rules.segment_names(after)
    (name,) = rules.segment_names(before ^ after)
    code = Code.SEGMENT_ENTERED if after & ~before else Code.SEGMENT_LEFT
    rule = f"{name}@{rules.file.version}"
    if detection.signals[ATOM] == BY_PERSON:
        code = Code.SEGMENT_REFUSED
    elif detection.signals[ATOM] == UNDECIDED:
        rule = f"removed@{rules.file.version}"
    reason = _reason(code, rule, detection, rules)
    removed = "the shop removed its rule" if detection.signals[ATOM] == UNDECIDED else ""
    comparison = removed or _comparison(detection, reason, rules)
    return change_of("segments", _op(old, new), old, new, reason, comparison)


def _reason(code: Code, rule: str, detection: Detection, rules: RuleSet) -> Reason:
    atom, lowered = int(detection.signals[ATOM]), rules.lowered
    if not 0 <= atom < len(lowered.atoms):
        return Reason(code, rule, detection.threshold, round(detection.observed, 4))
    name = lowered.value_name(lowered.atoms[atom].place, detection.observed)
    return Reason(code, rule, detection.threshold, round(detection.observed, 4), lowered.atom_words(atom), name)


def _comparison(detection: Detection, reason: Reason, rules: RuleSet) -> str:
    """The comparison of a rule: `quiet.days > 14, observed 42`, with the names of values instead of numbers."""
    if reason.condition is None:
        return f"rule {reason.rule}"
    place, _, _ = rules.lowered.atoms[int(detection.signals[ATOM])]
    if place >= len(FEATURES) and rules.lowered.lookups[place - len(FEATURES)][0] == DECLARED:
        return f"decided by {rules.lowered.feature_name(place)}"
    named = rules.lowered.values_of(place)
    observed = rules.lowered.constant_words(place, reason.observed) if named else number(reason.observed)
    return f"{reason.condition}, observed {observed}"


def _op(before: Any, after: Any) -> Literal["add", "remove", "replace"]:
    return "replace" if before and after else "add" if after else "remove"


def _mask(number: int) -> int:
    """The bits of a detection's signed number."""
    return number & 0xFFFF_FFFF_FFFF_FFFF
