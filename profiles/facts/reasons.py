"""The message template of each reason code, and the functions that fill the templates."""

from collections.abc import Mapping
from typing import Any, Literal

from liveprofile.profiles.facts.facts import Change, Code, Reason
from liveprofile.profiles.facts.templates import Template, Values
from liveprofile.profiles.traits.registry import REASONS

_OF_INTEREST = "{observed:percent} of the {scale} interest, threshold {threshold:percent}."
_OF_BRANDS = "{observed:percent} of the interest in brands, threshold {threshold:percent}."
_OF_PROBABILITY = "{observed:percent}, threshold {threshold:percent}{because}."
_OF_SLOTS = "{observed:percent} of all interest, threshold {threshold:percent}."
_OF_INTENT = "confidence {observed:percent}, threshold {threshold:percent}."

TEMPLATES: Mapping[Code, str] = {
    Code.INTEREST_ENTERED: "Interest in {entered:topics} entered {scale} interests: " + _OF_INTEREST,
    Code.INTEREST_LEFT: "Interest in {left:topics} left {scale} interests: " + _OF_INTEREST,
    Code.INTEREST_SHIFTED: (
        "Interest in {entered:topics} replaced {left:topics} in {scale} interests: " + _OF_INTEREST
    ),
    Code.BRAND_FAVOURED: "Favoured brands now include {entered:names}{in_place_of}: " + _OF_BRANDS,
    Code.BRAND_DROPPED: "Favoured brands no longer include {left:names}: " + _OF_BRANDS,
    Code.CLUSTER_ASSIGNED: (
        "Cluster {after} was assigned: its centre is {observed:percent} nearer than the next one, "
        "clusterer version {version}."
    ),
    Code.CLUSTER_CHANGED: (
        "Cluster changed from {before} to {after}: its centre is {observed:percent} nearer, "
        "threshold {threshold:percent}, clusterer version {version}."
    ),
    Code.LIFECYCLE_CHANGED: "Lifecycle state is now {after}{previously}: {comparison}.",
    Code.SEGMENT_ENTERED: "Segment {entered:names} was entered: {comparison}.",
    Code.SEGMENT_LEFT: "Segment {left:names} was left: {comparison}.",
    Code.SEGMENT_REFUSED: "Segment {left:names} was left: the person refused it.",
    Code.CHANCE_ROSE: ("Probability of {prediction} rose from {before_band} to {after_band}: " + _OF_PROBABILITY),
    Code.CHANCE_FELL: ("Probability of {prediction} fell from {before_band} to {after_band}: " + _OF_PROBABILITY),
    Code.SLOT_OPENED: "Interest slot {slot} opened for {topic:topics}{item}: " + _OF_SLOTS,
    Code.SLOT_CLOSED: "Interest slot {slot} closed for {topic:topics}{item}: " + _OF_SLOTS,
    Code.INTENT_FOUND: "Session intent is now {after:topics}: " + _OF_INTENT,
    Code.INTENT_SHIFTED: "Session intent changed from {before:topics} to {after:topics}: " + _OF_INTENT,
    Code.INTENT_LOST: "Session intent is no longer {before:topics}: " + _OF_INTENT,
    Code.DECLARED: "Declared {attribute} is now {after:declared}{previously:declared}.",
    Code.CORRECTED: "Declared {attribute} is now {after:declared}{previously:declared}, as a correction.",
    Code.WITHDRAWN: "Declared {attribute} was withdrawn{previously:declared}.",
    Code.ERASED: "The profile was erased: everything known about it was deleted, open anomalies included.",
    Code.FORGOTTEN: (
        "The profile was forgotten after {observed:number} days without an activity, limit {threshold:number} days: "
        "everything known about it was deleted, open anomalies included."
    ),
    **{Code(why.code): why.template for why in REASONS.values()},
}
"""The message of each code, with named values (see `templates`). All have one style: the change, then its reason.

The messages of traits are in their declarations.
"""

CORRECTED_INFERENCE = "The inferred value {before} of {path} was withdrawn: the person corrected it."
"""The message of `CORRECTED` on a path other than `declared`."""

ANOMALY_TEMPLATES: Mapping[str, str] = {
    "raised": "Anomaly {kind} was raised, severity {severity}: {reading}",
    "updated": "Anomaly {kind} was updated, severity {severity}: {reading}",
    "cleared": "Anomaly {kind} was cleared: {reading}",
}
"""The message of each step of an anomaly. Its kind is as in the record, followed by the named rule."""

_TEMPLATES: Mapping[str, Template] = {code: Template(text) for code, text in TEMPLATES.items()}
_CORRECTED_INFERENCE = Template(CORRECTED_INFERENCE)


def change_of(
    path: str,
    op: Literal["add", "remove", "replace"],
    before: Any,
    after: Any,
    reason: Reason,
    comparison: str = "",
) -> Change:
    """A change with its message; `comparison` is the comparison of a segment rule."""
    corrected = reason.code == Code.CORRECTED and path != "declared"
    template = _CORRECTED_INFERENCE if corrected else _TEMPLATES[reason.code]
    return Change(path, op, before, after, reason, template.fill(Values(path, before, after, reason, comparison)))


def anomaly_message(state: str, kind: str, rule: str | None, severity: int, reading: str) -> str:
    """The message of one step of an anomaly.

    >>> anomaly_message("raised", "rule", "many-devices", 60, "four devices within a day")
    'Anomaly rule many-devices was raised, severity 60: four devices within a day.'
    """
    end = "" if reading.endswith((".", "?")) else "."
    name = f"{kind} {rule}" if rule else kind
    return ANOMALY_TEMPLATES[state].format(kind=name, severity=severity, reading=reading + end)
