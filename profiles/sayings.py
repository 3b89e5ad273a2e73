"""From notes to facts: names for digests, reasons with their codes, evidence, and words for a risk team."""

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Any, Final, Literal

import msgspec

from profiles.activity import Flag, source_name
from profiles.anomalies import SPEND, VELOCITY
from profiles.changes import BANDS, BRAND_PATH, PARTS_OF_DAY
from profiles.exact import exp2
from profiles.facts import AnomalyChanged, Change, Code, Evidence, Fact, ProfileChanged, Reason, anomaly_id, rfc3339
from profiles.model import CLUSTERER, Adopted, AdoptedModel
from profiles.names import Names
from profiles.notes import ANOMALY, NOTE, Notes
from profiles.policy import Policy
from profiles.row import ANOMALIES, PATHS
from profiles.segments.rules import RuleSet
from profiles.segments.sayings import lifecycle_change, segment_change

FADE_S = 1800
"""Half-life of what an earlier action contributes."""
SIGNALS = (
    ("events_last_minute", "events_of_a_week"),
    ("robust_z", "usual_order", "order"),
    ("distance", "new_topics", "usual_drift"),
)
"""Names of a note's signals, by kind of anomaly."""
LIVE: Final = "live"
REPLAY: Final = "replay"
TIMER: Final = "timer"

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
    replayed: bool = False
    timed: bool = False
    """Whether time alone did it: what is named as the cause only brought the news."""

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


def is_replayed(flags: int) -> bool:
    """Whether an activity's flags say that it is a replay of the past."""
    return bool(flags & Flag.REPLAYED)


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
        origin=TIMER if cause.timed else REPLAY if cause.replayed else LIVE,
        changes=[_SAYERS[PATHS[note.about]](note, words) for note in notes],
        evidence=_evidence(notes[0], cause),
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


def _evidence(note: Note, cause: Cause) -> list[Evidence]:
    """The activity itself, then earlier ones on its topic, their weight faded by the half-life of a session.

    None where time alone did it.
    """
    if cause.timed:
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


def anomaly_fact(note: Note, cause: Cause, policy: Policy) -> Fact[AnomalyChanged]:
    """One step in an anomaly's life."""
    kind = note.about - ANOMALY
    signals = _signals(kind, bool(note.raised), note.signals)
    enter = (policy.velocity_enter, policy.spend_enter, policy.drift_enter)[kind]
    record = AnomalyChanged(
        anomaly_id=anomaly_id(cause.profile_id, ANOMALIES[kind], note.version),
        profile_id=cause.profile_id,
        state="raised" if note.raised else "cleared",
        kind=ANOMALIES[kind],
        serial=note.version,
        severity=int(min(100.0, max(1.0, 50.0 * note.observed / enter))) if note.raised else 0,
        score=round(note.observed, 4),
        p_value=None,
        contributions=signals,
        evidence=_evidence(note, cause),
        first_seen=rfc3339(note.since_s * 1000),
        last_seen=rfc3339(max(cause.time_ms, note.since_s * 1000)),
        reading=_reading(kind, bool(note.raised), signals),
    )
    return Fact(record, cause.time_ms, cause.name, cause.offset)


def _signals(kind: int, raised: bool, values: list[float]) -> dict[str, float]:
    """The numbers behind a score, under names that a person knows; an order has them only when it raises something."""
    names = SIGNALS[kind] if raised or kind != SPEND else SIGNALS[SPEND][:1]
    return {name: round(value, 4) for name, value in zip(names, values, strict=False)}


def _reading(kind: int, raised: bool, signals: dict[str, float]) -> str:
    """What a person on a risk team would say."""
    if not raised:
        return f"{ANOMALIES[kind]} is back to usual"
    if kind == VELOCITY:
        return f"{signals['events_last_minute']:.0f} events within about a minute: a burst, or not a person"
    if kind == SPEND:
        return (
            f"an order of {signals['order']:.2f}, {signals['robust_z']:.1f} deviations above this shopper's usual "
            f"{signals['usual_order']:.2f}"
        )
    return (
        f"{signals['new_topics']:.0%} of this session lies on several topics new to this shopper, "
        f"{signals['distance']:.2f} away from what came before: someone else?"
    )


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
}
"""How a note of each path is put into words."""
