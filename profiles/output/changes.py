"""Turns detections into change records: names for digests, reasons with their codes, and evidence."""

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Any, Literal

import msgspec

from liveprofile.profiles.facts.facts import Change, Code, Fact, Origin, ProfileChanged, Reason
from liveprofile.profiles.facts.reasons import change_of
from liveprofile.profiles.interests.detect import BRAND_PATH
from liveprofile.profiles.interests.slot_messages import intent_change, slot_change
from liveprofile.profiles.kernel.detections import FORGOTTEN, VALUE
from liveprofile.profiles.kernel.evidence import Cause, Detection, evidence_of_detection
from liveprofile.profiles.output.trait_messages import declared_change, trait_change
from liveprofile.profiles.predictions.adopted_models import CLUSTERER, Adopted, AdoptedModel
from liveprofile.profiles.predictions.messages import probability_change
from liveprofile.profiles.records.activity import Action, Flag
from liveprofile.profiles.segments.messages import lifecycle_change, segment_change
from liveprofile.profiles.segments.rules import RuleSet
from liveprofile.profiles.state.dictionary import Dictionary
from liveprofile.profiles.state.row import PATHS, TASKS
from liveprofile.profiles.traits.registry import PUBLISHED_TRAITS

FEEDBACK = (Action.ACCEPT, Action.REFUSE, Action.CORRECT)
"""Actions that answer an offer, a tag or an inferred value of the shop."""


def by_event(detections: list[Detection]) -> Iterator[tuple[int, list[Detection]]]:
    """Group detections by activity, or by moment if there is no activity."""
    for (event, _), group in groupby(detections, key=lambda detection: (detection.event, detection.at_ms)):
        yield event, list(group)


def origin_of(flags: int, action: int) -> Origin:
    """The origin of a change, from its activity's flags and action."""
    if flags & Flag.REPLAYED:
        return "replay"
    return "feedback" if action in FEEDBACK else "live"


class Vocabulary(msgspec.Struct, frozen=True, gc=False):
    """The names and labels for change records."""

    dictionary: Dictionary
    labels: dict[str, str | None]
    """The labels that every fact carries: policy, embedder and models."""
    adopted: Mapping[str, Adopted]
    """The models in force."""
    rules: RuleSet
    """The rules of lifecycle and segments in force."""


def changed_fact(detections: list[Detection], cause: Cause, words: Vocabulary) -> Fact[ProfileChanged]:
    """One version of a profile: all changes of one activity."""
    if detections[0].about == FORGOTTEN:
        return forgotten_fact(detections[0], cause, words.labels)
    record = ProfileChanged(
        profile_id=cause.profile_id,
        version=detections[0].version,
        origin=cause.origin,
        changes=[_CHANGE_OF[PATHS[detection.about]](detection, words) for detection in detections],
        evidence=evidence_of_detection(detections[0], cause),
        models=words.labels,
    )
    return Fact(record, cause.time_ms, cause.name, cause.offset)


def erased_fact(cause: Cause, version: int, labels: dict[str, str | None]) -> Fact[ProfileChanged]:
    """The last version of an erased profile. It holds no personal data: neither deleted values nor evidence."""
    reason = Reason(Code.ERASED, "erasure@1", 0.0, 0.0)
    change = change_of("profile", "remove", None, None, reason)
    record = ProfileChanged(cause.profile_id, version, "erasure", [change], [], labels)
    return Fact(record, cause.time_ms, cause.name, cause.offset)


def forgotten_fact(detection: Detection, cause: Cause, labels: dict[str, str | None]) -> Fact[ProfileChanged]:
    """The last version of a profile that was idle for too long, until the shopper comes back."""
    reason = Reason(Code.FORGOTTEN, "idle@1", detection.threshold, round(detection.observed, 4))
    change = change_of("profile", "remove", None, None, reason)
    record = ProfileChanged(cause.profile_id, detection.version, "erasure", [change], [], labels)
    return Fact(record, cause.time_ms, cause.name, cause.offset)


def _set_change(detection: Detection, words: Vocabulary) -> Change:
    """A change of the topics at one scale, or of the favoured brands."""
    before, after = [x for x in detection.before if x], [x for x in detection.after if x]
    code = _set_code(detection.about == BRAND_PATH, set(before), set(after))
    rule = "share-leaves@1" if code in (Code.INTEREST_LEFT, Code.BRAND_DROPPED) else "share-enters@1"
    reason = Reason(code, rule, detection.threshold, round(detection.observed, 4))
    return change_of(
        PATHS[detection.about], op(before, after), words.dictionary.all(before), words.dictionary.all(after), reason
    )


def _set_code(brands: bool, before: set[int], after: set[int]) -> Code:
    """The reason code of a change of a set of topics or brands."""
    if brands:
        return Code.BRAND_FAVOURED if after - before else Code.BRAND_DROPPED
    if after - before:
        return Code.INTEREST_SHIFTED if before - after else Code.INTEREST_ENTERED
    return Code.INTEREST_LEFT


def _cluster_change(detection: Detection, words: Vocabulary) -> Change:
    before, after, model = detection.before[VALUE], detection.after[VALUE], words.adopted.get(CLUSTERER)
    code = Code.CLUSTER_ASSIGNED if before < 0 else Code.CLUSTER_CHANGED
    version = model.version if isinstance(model, AdoptedModel) else 0
    reason = Reason(code, f"nearest-centre@{version}", detection.threshold, round(detection.observed, 4))
    return change_of(
        PATHS[detection.about], "add" if before < 0 else "replace", None if before < 0 else before, after, reason
    )


def op(before: Any, after: Any) -> Literal["add", "remove", "replace"]:
    """The operation that leads from `before` to `after`, where an empty value means none."""
    return "replace" if before and after else "add" if after else "remove"


_CHANGE_OF: Mapping[str, Callable[[Detection, Vocabulary], Change]] = {
    "interests.session": _set_change,
    "interests.short": _set_change,
    "interests.long": _set_change,
    "brands": _set_change,
    "cluster": _cluster_change,
    "lifecycle": lambda detection, words: lifecycle_change(detection, words.rules),
    "segments": lambda detection, words: segment_change(detection, words.rules),
    **{f"predictions.{task}": probability_change for task in TASKS},
    "interests.slots": lambda detection, words: slot_change(detection, words.dictionary),
    "interests.intent": lambda detection, words: intent_change(detection, words.dictionary),
    **{path: lambda detection, _: trait_change(detection) for path in PUBLISHED_TRAITS},
    "declared": lambda detection, words: declared_change(detection, words.dictionary),
}
"""The function that turns a detection of each path into a change."""
