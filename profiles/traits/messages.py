"""Notes of traits in words: price band, discounts, days, sentiment, and what the person says of themself."""

from collections.abc import Sequence
from typing import Any

from liveprofile.profiles.kernel.detections import VALUE
from liveprofile.profiles.numeric.hysteresis import DAYS, DISCOUNT_BANDS, PRICE_BANDS, SENTIMENT_BANDS
from liveprofile.profiles.records.facts import Change, Code, Reason
from liveprofile.profiles.state.dictionary import Dictionary
from liveprofile.profiles.state.row import PATHS
from liveprofile.profiles.traits.attributes import shipped
from liveprofile.profiles.traits.declared import CORRECTED_SO
from liveprofile.profiles.traits.detect import (
    ATTRIBUTE,
    BY_THE_PERSON,
    DAYS_PATH,
    DISCOUNT_PATH,
    HOW,
    PRICE_PATH,
    SENTIMENT_PATH,
    STATED,
    WITHDRAWN_BY,
)

Detection = Any

_BANDS: dict[int, Sequence[str]] = {
    PRICE_PATH: PRICE_BANDS,
    DISCOUNT_PATH: DISCOUNT_BANDS,
    DAYS_PATH: DAYS,
    SENTIMENT_PATH: SENTIMENT_BANDS,
}
_RULES = {PRICE_PATH: "price-band@1", DISCOUNT_PATH: "discounts@1", DAYS_PATH: "days@1", SENTIMENT_PATH: "sentiment@1"}


def trait_change(detection: Detection, _: Dictionary) -> Change:
    """A change of a band."""
    bands, before, after = _BANDS[detection.about], detection.before[VALUE], detection.after[VALUE]
    reason = Reason(_code(detection), _RULES[detection.about], detection.threshold, round(detection.observed, 4))
    if is_by_the_person(detection):
        reason = CORRECTION
    old, new = (bands[band - 1] if band else None for band in (before, after))
    return Change(
        PATHS[detection.about], "replace" if before and after else "add" if after else "remove", old, new, reason
    )


def declared_change(detection: Detection, dictionary: Dictionary) -> Change:
    """A change of what the person says of themself: the attribute and its values."""
    attribute, old, new = detection.after[ATTRIBUTE], detection.before[STATED], detection.after[STATED]
    name = attribute_name(attribute)
    before, after = ({name: value_name(attribute, value, dictionary)} if value else None for value in (old, new))
    code = Code.CORRECTED if detection.after[HOW] == CORRECTED_SO else Code.DECLARED
    reason = Reason(code if new else Code.WITHDRAWN, "person@1", 0.0, 0.0)
    return Change(
        PATHS[detection.about], "replace" if old and new else "add" if new else "remove", before, after, reason
    )


def is_by_the_person(detection: Detection) -> bool:
    """Whether something inferred is withdrawn because the person corrected it."""
    return bool(detection.after[VALUE] == 0 and detection.after[WITHDRAWN_BY] == BY_THE_PERSON)


CORRECTION = Reason(Code.CORRECTED, "person@1", 0.0, 0.0)
"""The person knows better."""


def attribute_name(attribute: int) -> str:
    """The name of an attribute's digest; the digest itself where the vocabulary has none."""
    return shipped().name_of(attribute) or f"#{attribute:08x}"


def value_name(attribute: int, value: int, dictionary: Dictionary) -> str:
    """The name of a value's digest; that of a category is a topic's."""
    return shipped().value_of(attribute, value) or dictionary.name(value)


def _code(detection: Detection) -> Code:
    before, after = detection.before[VALUE], detection.after[VALUE]
    if detection.about == PRICE_PATH:
        return Code.PRICE_BAND_CHANGED if before else Code.PRICE_BAND_FOUND
    if detection.about == DISCOUNT_PATH:
        return Code.DISCOUNTS_ROSE if after > before else Code.DISCOUNTS_FELL
    if detection.about == DAYS_PATH:
        return Code.ACTIVE_DAYS_FOUND if after else Code.ACTIVE_DAYS_LOST
    return Code.SENTIMENT_CHANGED if before else Code.SENTIMENT_FOUND
