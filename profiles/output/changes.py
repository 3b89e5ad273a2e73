"""From notes to facts: names for digests, reasons with their codes, evidence."""

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Any, Literal

import msgspec

from liveprofile.profiles.interests.detect import BANDS, BRAND_PATH, PARTS_OF_DAY
from liveprofile.profiles.interests.slot_messages import intent_change, slot_change
from liveprofile.profiles.kernel.detections import NOTE, Notes
from liveprofile.profiles.numeric.exact import exp2
from liveprofile.profiles.predictions.adopted_models import CLUSTERER, Adopted, AdoptedModel
from liveprofile.profiles.predictions.messages import chance_change
from liveprofile.profiles.records.activity import Action, Flag, source_name
from liveprofile.profiles.records.facts import Change, Code, Evidence, Fact, Origin, ProfileChanged, Reason, rfc3339
from liveprofile.profiles.segments.messages import lifecycle_change, segment_change
from liveprofile.profiles.segments.rules import RuleSet
from liveprofile.profiles.state.dictionary import Names
from liveprofile.profiles.state.row import PATHS, TASKS
from liveprofile.profiles.traits.messages import CORRECTION, declared_change, is_by_the_person, trait_change

FADE_S = 1800
"""Half-life of what an earlier action contributes."""
FEEDBACK = (Action.ACCEPT, Action.REFUSE, Action.CORRECT)
"""Actions that answer what the shop said."""

Note = Any
"""A note as a tuple of Python values, see `NOTE`: reading those is ten times faster than reading a NumPy record."""
_NoteValues = namedtuple("_NoteValues", NOTE.names or ())  # type: ignore[misc]


class Cause(msgspec.Struct, frozen=True, gc=False):
    """The activity, or the tick, that facts follow from."""

    profile_id: str
    event_id: str | None
    source: str
    time_ms: int
    offset: int
    origin: Origin = "live"

    @property
    def name(self) -> str:
        """What the facts name as their cause: the client's id, or the place of the record."""
        return self.event_id or self.source


def read_notes(notes: Notes) -> list[Note]:
    """Notes as tuples of Python values."""
    columns = (notes[name].tolist() for name in NOTE.names or ())
    return list(map(_NoteValues._make, zip(*columns, strict=True)))


def by_event(notes: list[Note]) -> Iterator[tuple[int, list[Note]]]:
    """Notes of the same activity together, or of the same moment without one."""
    for (event, _), group in groupby(notes, key=lambda note: (note.event, note.at_ms)):
        yield event, list(group)


def origin_of(flags: int, action: int) -> Origin:
    """Where a change comes from, out of its activity's flags and action."""
    if flags & Flag.REPLAYED:
        return "replay"
    return "feedback" if action in FEEDBACK else "live"


class Vocabulary(msgspec.Struct, frozen=True, gc=False):
    """What notes are put into words with."""

    names: Names
    labels: dict[str, str | None]
    """What every fact says it was made with."""
    adopted: Mapping[str, Adopted]
    """The models in force."""
    rules: RuleSet
    """The rules of lifecycle and segments in force."""


def changed_fact(notes: list[Note], cause: Cause, words: Vocabulary) -> Fact[ProfileChanged]:
    """One version of a profile: all changes of one activity."""
    record = ProfileChanged(
        profile_id=cause.profile_id,
        version=notes[0].version,
        origin=cause.origin,
        changes=[_SAYERS[PATHS[note.about]](note, words) for note in notes],
        evidence=evidence_of_note(notes[0], cause),
        models=words.labels,
    )
    return Fact(record, cause.time_ms, cause.name, cause.offset)


def erased_fact(cause: Cause, version: int, labels: dict[str, str | None]) -> Fact[ProfileChanged]:
    """The last version of a profile. Nothing personal is in it: neither what is gone nor what led to it."""
    reason = Reason(Code.ERASED, "erasure@1", 0.0, 0.0)
    change = Change("profile", "remove", None, None, reason)
    record = ProfileChanged(cause.profile_id, version, "erasure", [change], [], labels)
    return Fact(record, cause.time_ms, cause.name, cause.offset)


def _set_change(note: Note, words: Vocabulary) -> Change:
    """A change of the topics at one scale, or of the favoured brands."""
    before, after = [x for x in note.before if x], [x for x in note.after if x]
    code = _set_code(note.about == BRAND_PATH, set(before), set(after))
    rule = "share-leaves@1" if code in (Code.INTEREST_LEFT, Code.BRAND_DROPPED) else "share-enters@1"
    reason = Reason(code, rule, note.threshold, round(note.observed, 4))
    return Change(PATHS[note.about], op(before, after), words.names.all(before), words.names.all(after), reason)


def _set_code(brands: bool, before: set[int], after: set[int]) -> Code:
    """What happened to a set of topics or brands."""
    if brands:
        return Code.BRAND_FAVOURED if after - before else Code.BRAND_DROPPED
    if after - before:
        return Code.INTEREST_SHIFTED if before - after else Code.INTEREST_ENTERED
    return Code.INTEREST_LEFT


def _spend_change(note: Note, _: Vocabulary) -> Change:
    before, after = note.before[0], note.after[0]
    code = Code.SPEND_BAND_ROSE if after > before else Code.SPEND_BAND_FELL
    reason = Reason(code, "spend-band@1", note.threshold, round(note.observed, 2))
    return Change(PATHS[note.about], "replace" if before else "add", BANDS[before], BANDS[after], reason)


def _hours_change(note: Note, _: Vocabulary) -> Change:
    code = Code.ACTIVE_HOURS_FOUND if note.after[0] else Code.ACTIVE_HOURS_LOST
    old, new = _part_name(note.before[0]), _part_name(note.after[0])
    reason = Reason(code, "part-of-day@1", note.threshold, round(note.observed, 4))
    if is_by_the_person(note):
        reason = CORRECTION
    return Change(PATHS[note.about], op(old, new), old, new, reason)


def _cluster_change(note: Note, words: Vocabulary) -> Change:
    before, after, model = note.before[0], note.after[0], words.adopted.get(CLUSTERER)
    code = Code.CLUSTER_ASSIGNED if before < 0 else Code.CLUSTER_CHANGED
    version = model.version if isinstance(model, AdoptedModel) else 0
    reason = Reason(code, f"nearest-centre@{version}", note.threshold, round(note.observed, 4))
    return Change(PATHS[note.about], "add" if before < 0 else "replace", None if before < 0 else before, after, reason)


def op(before: Any, after: Any) -> Literal["add", "remove", "replace"]:
    """The operation that leads from `before` to `after`, where an empty value stands for none."""
    return "replace" if before and after else "add" if after else "remove"


def _part_name(part: int) -> str | None:
    return PARTS_OF_DAY[part - 1] if part else None


def evidence_of_note(note: Note, cause: Cause) -> list[Evidence]:
    """The activity itself, then earlier ones on its topic, their weight faded by the half-life of a session.

    None where time alone did it.
    """
    if cause.origin == "timer":
        return []
    named = [Evidence(cause.event_id, cause.source, rfc3339(cause.time_ms), round(note.weight, 3))]
    for source, at_s, weight in zip(note.earlier_source, note.earlier_s, note.earlier_weight, strict=True):
        if at_s:
            contribution = faded(weight, cause.time_ms // 1000 - at_s)
            named.append(Evidence(None, source_name(source), rfc3339(at_s * 1000), contribution))
    return named


def faded(weight: float, age_s: int) -> float:
    """A weight halved every FADE_S seconds, with the same bits on every machine.

    >>> faded(3.0, 3600)
    0.75
    """
    return round(weight * exp2(-abs(age_s) / FADE_S), 3)


_SAYERS: Mapping[str, Callable[[Note, Vocabulary], Change]] = {
    "interests.session": _set_change,
    "interests.short": _set_change,
    "interests.long": _set_change,
    "brands": _set_change,
    "spend.band": _spend_change,
    "hours": _hours_change,
    "cluster": _cluster_change,
    "lifecycle": lambda note, words: lifecycle_change(note, words.rules),
    "segments": lambda note, words: segment_change(note, words.rules),
    **{f"predictions.{task}": chance_change for task in TASKS},
    "interests.slots": lambda note, words: slot_change(note, words.names),
    "interests.intent": lambda note, words: intent_change(note, words.names),
    "price.band": lambda note, words: trait_change(note, words.names),
    "discounts": lambda note, words: trait_change(note, words.names),
    "days": lambda note, words: trait_change(note, words.names),
    "sentiment": lambda note, words: trait_change(note, words.names),
    "declared": lambda note, words: declared_change(note, words.names),
}
"""How a note of each path is put into words."""
