"""Turns detections of traits into changes: bands by their declarations, and statements of the person."""

from typing import Any

from liveprofile.profiles.facts.facts import Change, Code, Reason
from liveprofile.profiles.facts.reasons import change_of
from liveprofile.profiles.kernel.detect_statements import ATTRIBUTE, BY_THE_PERSON, HOW, STATED, WITHDRAWN_BY
from liveprofile.profiles.kernel.detections import VALUE
from liveprofile.profiles.kernel.statements import CORRECTED_SO
from liveprofile.profiles.state.dictionary import Dictionary
from liveprofile.profiles.state.row import PATHS
from liveprofile.profiles.traits.attributes import shipped
from liveprofile.profiles.traits.registry import PUBLISHED_TRAITS

Detection = Any

_BY_NUMBER = {PATHS.index(path): trait for path, trait in PUBLISHED_TRAITS.items()}


def trait_change(detection: Detection) -> Change:
    """A change of a trait's band."""
    trait, before, after = _BY_NUMBER[detection.about], detection.before[VALUE], detection.after[VALUE]
    old, new = trait.band(before), trait.band(after)
    reason = Reason(
        Code(trait.code(before, after)), trait.rule, detection.threshold, round(detection.observed, trait.digits)
    )
    if is_by_the_person(detection):
        reason = CORRECTION
    return change_of(
        PATHS[detection.about], "replace" if before and new else "add" if new else "remove", old, new, reason
    )


def declared_change(detection: Detection, dictionary: Dictionary) -> Change:
    """A change of an attribute that the person stated: the attribute and its values."""
    attribute, old, new = detection.after[ATTRIBUTE], detection.before[STATED], detection.after[STATED]
    name = attribute_name(attribute)
    before, after = ({name: value_name(attribute, value, dictionary)} if value else None for value in (old, new))
    code = Code.CORRECTED if detection.after[HOW] == CORRECTED_SO else Code.DECLARED
    reason = Reason(code if new else Code.WITHDRAWN, "person@1", 0.0, 0.0)
    return change_of(
        PATHS[detection.about], "replace" if old and new else "add" if new else "remove", before, after, reason
    )


def is_by_the_person(detection: Detection) -> bool:
    """Whether an inferred value is withdrawn because the person corrected it."""
    return bool(detection.after[VALUE] == 0 and detection.after[WITHDRAWN_BY] == BY_THE_PERSON)


CORRECTION = Reason(Code.CORRECTED, "person@1", 0.0, 0.0)
"""The rule of a correction: the statement of the person takes precedence."""


def attribute_name(attribute: int) -> str:
    """The name of an attribute's digest; the digest itself if the vocabulary has no name."""
    return shipped().name_of(attribute) or f"#{attribute:08x}"


def value_name(attribute: int, value: int, dictionary: Dictionary) -> str:
    """The name of a value's digest; that of a category is a topic's."""
    return shipped().value_of(attribute, value) or dictionary.name(value)
