"""The message of a change in a language, made anew from what the record says: reason code, values and numbers."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from liveprofile.profiles.facts.facts import Code, Reason
from liveprofile.profiles.facts.reasons import change_of
from liveprofile.profiles.facts.snapshot import Chance
from liveprofile.profiles.facts.templates import Values
from liveprofile.profiles.facts.wording import number as english_number
from liveprofile.streams.language import formats
from liveprofile.streams.language.change_templates import corrected_inference, part, template_of
from liveprofile.streams.language.words_of import ENGLISH

_DECLARED = "declared."
_REMOVED = "removed@"


def change_message(change: Mapping[str, Any], language: str) -> str:
    """The message of a change as it is in a record; empty where it cannot be made, as for a code of a later version.

    >>> reason = {"code": "CLUSTER_CHANGED", "rule": "nearest-centre@13", "threshold": 0.15, "observed": 0.22}
    >>> change_message({"path": "cluster", "op": "replace", "before": 7, "after": 9, "reason": reason}, "zh")
    '所属人群由第7群变为第9群\\uff1a其中心近22%\\uff0c阈值15%\\uff0c聚类版本13。'
    """
    try:
        return _message(_values(change, language), change.get("op", "replace"), language)
    except (msgspec.ValidationError, KeyError, TypeError, ValueError, AttributeError):
        return ""


def _values(change: Mapping[str, Any], language: str) -> Values:
    """The values for a template. ValidationError or KeyError for a change of another form."""
    reason = msgspec.convert(change["reason"], Reason)
    path, after = str(change["path"]), change["after"]
    if path.startswith("predictions.") and after is not None:
        after = msgspec.convert(after, Chance)
    return Values(path, change["before"], after, reason, _comparison(reason, language))


def _message(values: Values, op: Any, language: str) -> str:
    if language == ENGLISH:
        return change_of(values.path, op, values.before, values.after, values.reason, values.comparison).message
    corrected = values.reason.code == Code.CORRECTED and values.path != "declared"
    template = corrected_inference(language) if corrected else template_of(language, values.reason.code)
    return template.fill(values)


def _comparison(reason: Reason, language: str) -> str:
    """The comparison of a segment rule, in the order of what a record has of it."""
    phrases = _phrases(language)
    if reason.condition is None:
        return phrases["removed"] if reason.rule.startswith(_REMOVED) else phrases["by_rule"].format(rule=reason.rule)
    if reason.condition.startswith(_DECLARED):
        return phrases["decided_by"].format(feature=reason.condition.split(" ")[0])
    return phrases["observed"].format(condition=reason.condition, observed=_observed(reason, language))


def _observed(reason: Reason, language: str) -> str:
    if reason.observed_name is not None:
        truth = reason.observed_name in ("true", "false")
        return reason.observed_name if truth else f'"{reason.observed_name}"'
    return english_number(reason.observed) if language == ENGLISH else formats.number(reason.observed, language)


@cache
def _phrases(language: str) -> Mapping[str, str]:
    """The phrases of comparisons."""
    if language == ENGLISH:
        return {
            "removed": "the shop removed its rule",
            "by_rule": "rule {rule}",
            "decided_by": "decided by {feature}",
            "observed": "{condition}, observed {observed}",
        }
    return {name: part(language, name) for name in ("removed", "by_rule", "decided_by", "observed")}
