"""Sentences for changes, anomalies and refusals, made from their records.

Every function takes a decoded record and never raises for a newer or unknown kind of record: unknown changes are shown
as path and values.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from liveprofile.streams.render.numbers import is_number, percent
from liveprofile.streams.render.segment_messages import lifecycle_words, segment_words
from liveprofile.streams.render.slot_messages import intent_words, slot_words
from liveprofile.streams.render.topic_names import topic_name
from liveprofile.streams.render.trait_messages import TRAIT_WORDS, corrected

_ENTERED = {
    "interests.session": "is now looking at {}",
    "interests.short": "has taken to {} this week",
    "interests.long": "has a lasting interest in {}",
    "brands": "favours {}",
}
_LEFT = {
    "interests.session": "has stopped looking at {}",
    "interests.short": "has cooled off {}",
    "interests.long": "has lost the lasting interest in {}",
    "brands": "no longer favours {}",
}
_WHOLE = {
    "interests.session": "this session",
    "interests.short": "the week's interest",
    "interests.long": "the long-term interest",
    "brands": "branded interest",
}
_BANDS = {
    "none": "no recent spend",
    "low": "low spender",
    "middle": "middle spender",
    "high": "high spender",
    "top": "top spender",
}
_PARTS = {
    "night": "at night",
    "morning": "in the morning",
    "afternoon": "in the afternoon",
    "evening": "in the evening",
}
_TASKS = {
    "purchase.session": "the probability of a purchase in this session",
    "purchase.week": "the probability of a purchase within a week",
    "churn": "the risk of churn",
}


def change_words(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A profile change as (what changed, why) for each of its changes."""
    changes = record.get("changes")
    return [_change(change) for change in changes if isinstance(change, Mapping)] if isinstance(changes, list) else []


def change_sentences(record: Mapping[str, Any]) -> list[str]:
    """The same as whole sentences.

    >>> reason = {"code": "INTEREST_ENTERED", "threshold": 0.34, "observed": 0.412}
    >>> change = {"path": "interests.session", "before": [], "after": ["home/kitchen/cookware"], "reason": reason}
    >>> change_sentences({"changes": [change]})
    ['Is now looking at cookware: 41% of this session, over the threshold of 34%.']
    """
    return [f"{what[:1].upper()}{what[1:]}{f': {why}' if why else ''}." for what, why in change_words(record)]


def anomaly_words(record: Mapping[str, Any]) -> tuple[str, str]:
    """An anomaly as (kind and state, description)."""
    kind, state = str(record.get("kind", "anomaly")), str(record.get("state", "seen"))
    name = str(record.get("rule") or kind)
    if state == "cleared":
        return f"{name}: over", str(record.get("reading") or "behaviour is usual again")
    severity = f", severity {_number(record['severity'])}" if "severity" in record else ""
    word = {"raised": "", "updated": " (worse)"}.get(state, f" ({state})")
    return f"{name}{word}{severity}", str(record.get("reading") or _score_in_words(kind, record.get("score")))


def anomaly_sentence(record: Mapping[str, Any]) -> str:
    """The same as a sentence."""
    what, why = anomaly_words(record)
    return f"{what[:1].upper()}{what[1:]}: {why.rstrip('.')}."


def listed(names: Sequence[object]) -> str:
    """Names as a list in a sentence.

    >>> listed(["pans", "kettles", "knives"])
    'pans, kettles and knives'
    """
    words = [topic_name(name) for name in names]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _change(change: Mapping[str, Any]) -> tuple[str, str]:
    """One change as (what changed, why)."""
    path = str(change.get("path", "?"))
    before, after = change.get("before"), change.get("after")
    given = change.get("reason")
    reason = given if isinstance(given, Mapping) else {}
    if path in _ENTERED and isinstance(before or [], list) and isinstance(after or [], list):
        return _set_change(path, before or [], after or [], reason)
    if reason.get("code") == "CORRECTED" and path != "declared":
        return corrected(path, before)
    if path in TRAIT_WORDS:
        return TRAIT_WORDS[path](before, after, reason)
    if path == "spend.band":
        return _spend(before, after, reason)
    if path == "hours":
        return _hours(before, after, reason)
    if path == "cluster":
        return _cluster(before, after, reason)
    if path == "lifecycle":
        return lifecycle_words(before, after, reason)
    if path == "segments":
        return segment_words(before, after, reason)
    if path == "interests.slots":
        return slot_words(before, after, percent(reason.get("observed")))
    if path == "interests.intent":
        return intent_words(before, after, percent(reason.get("observed")))
    if path.startswith("predictions.") and isinstance(after, Mapping):
        return _probability(path.removeprefix("predictions."), after, reason)
    if path == "profile" and reason.get("code") == "ERASED":
        return "was erased", "all its data is deleted, and later events are dropped"
    return f"{path} went from {_value(before)} to {_value(after)}", str(reason.get("code", ""))


def _set_change(path: str, before: list[Any], after: list[Any], reason: Mapping[str, Any]) -> tuple[str, str]:
    """Names that entered a set, left it, or both."""
    entered = [name for name in after if name not in before]
    left = [name for name in before if name not in after]
    parts = [_ENTERED[path].format(listed(entered))] if entered else []
    parts += [_LEFT[path].format(listed(left))] if left else []
    if not parts:
        return f"{path} is unchanged: {listed(after) or 'nothing'}", ""
    share, threshold = percent(reason.get("observed")), percent(reason.get("threshold"))
    if not share:
        return ", and ".join(parts), ""
    bound = f", over the threshold of {threshold}" if entered else f", below the threshold of {threshold}"
    return ", and ".join(parts), f"{share} of {_WHOLE[path]}" + (bound if threshold else "")


def _spend(before: Any, after: Any, reason: Mapping[str, Any]) -> tuple[str, str]:
    observed, threshold = reason.get("observed"), reason.get("threshold")
    fell = reason.get("code") == "SPEND_BAND_FELL"
    old, new = (_BANDS.get(str(band), str(band)) for band in (before, after))
    what = f"is now a {new}" if str(after) != "none" else f"has {new}"
    what += f", was a {old}" if before not in (None, "none") else ""
    if not is_number(observed) or not is_number(threshold):
        return what, ""
    return what, f"recent spend {observed:,.2f} is {'below' if fell else 'over'} {threshold:,.2f}"


def _hours(before: Any, after: Any, reason: Mapping[str, Any]) -> tuple[str, str]:
    share = percent(reason.get("observed"))
    if after is None:
        return f"no longer shops mostly {_PARTS.get(str(before), before)}", f"{share} of activity" if share else ""
    was = f", was {_PARTS.get(str(before), before)}" if before else ""
    return f"shops mostly {_PARTS.get(str(after), after)}{was}", f"{share} of activity" if share else ""


def _cluster(before: Any, after: Any, reason: Mapping[str, Any]) -> tuple[str, str]:
    rule, margin = str(reason.get("rule", "")), percent(reason.get("observed"))
    version = rule.rpartition("@")[2] if "@" in rule else ""
    by = f", in model {version}" if version else ""
    what = f"moved from cluster {before} to {after}" if before is not None else f"joined cluster {after}"
    return what, f"its centre is {margin} nearer than the next one{by}" if margin else ""


def _probability(task: str, after: Mapping[str, Any], reason: Mapping[str, Any]) -> tuple[str, str]:
    """A probability in a new band, with the inputs of the largest effect."""
    band, probability = str(after.get("band", "?")), percent(after.get("chance"))
    moved = "rose to" if reason.get("code") == "CHANCE_ROSE" else "fell to"
    subject = _TASKS.get(task, f"the probability of {task}")
    what = f"{subject} {moved} {band}{f', {probability}' if probability else ''}"
    because = after.get("because")
    named = [str(one["words"]) for one in because or () if isinstance(one, Mapping) and "words" in one]
    return what, listed(named) if named else ""


def _score_in_words(kind: str, score: Any) -> str:
    """The meaning of a score, for records without a description."""
    if not is_number(score):
        return "far from what is usual"
    if kind == "velocity":
        return f"{2 ** min(float(score), 60):,.0f} times the usual rate"
    return f"{score:.1f} deviations from what is usual"


def _number(value: Any) -> str:
    return f"{value:,.0f}" if is_number(value) else str(value)


def _value(value: Any) -> str:
    """Any value in a sentence."""
    if value is None:
        return "nothing"
    return listed(value) or "nothing" if isinstance(value, list) else str(value)
