"""Turns detections into output records and training examples."""

from collections.abc import Iterator, Sequence

from liveprofile.profiles.anomalies.messages import anomaly_fact
from liveprofile.profiles.fold import training_examples
from liveprofile.profiles.fold.batch import Batch
from liveprofile.profiles.fold.result import FoldResult
from liveprofile.profiles.kernel.context import DETECTIONS, PAIRS, DetectionBuffers
from liveprofile.profiles.kernel.detections import ANOMALY
from liveprofile.profiles.kernel.evidence import Cause, Detection, read_detections
from liveprofile.profiles.output.changes import Vocabulary, by_event, changed_fact, origin_of
from liveprofile.profiles.records.activity import decode_tail, source_code, source_name
from liveprofile.profiles.state.row import SCALES


def emit_activities(
    buffers: DetectionBuffers, batch: Batch, words: Vocabulary, dims: int, part: int, result: FoldResult
) -> None:
    """Add the output of activities to the result; `part` is their partition, `dims` the dimensions of their vectors."""
    if buffers.filled[PAIRS]:
        result.pairs.append(buffers.pairs[: buffers.filled[PAIRS]].copy())
    learnt: list[int] = []
    groups = list(_groups(buffers))
    causes = _causes(batch, [(event, group[0].at_ms) for _, event, group in groups], dims)
    for (place, _, group), cause in zip(groups, causes, strict=True):
        changes = _emit(group, cause, words, result)
        if changes and changes[0].about < len(SCALES):
            learnt.append(place)
    times, profiles, offsets = batch.heads["event_time_ms"], batch.profiles, batch.offsets
    names, ordinals = words.dictionary, result.ordinals
    result.examples += training_examples.places(buffers, learnt, profiles, times, offsets, names, part, ordinals)
    result.examples += training_examples.outcomes(buffers, profiles, offsets, part, ordinals)
    result.examples += training_examples.entries(buffers, profiles, times, offsets, names, part, ordinals)
    result.examples += training_examples.sessions(buffers, profiles, offsets, part, ordinals)


def emit_time(
    buffers: DetectionBuffers, keys: Sequence[bytes], words: Vocabulary, offset: int, part: int, out: FoldResult
) -> None:
    """Add the output of timers to the result; `keys` are the profiles by place, `offset` is that of the tick."""
    source = source_name(source_code("activity", part, offset))
    for _, place, group in _groups(buffers):
        _emit(group, Cause(_text(keys[place]), None, source, group[0].at_ms, offset, "timer"), words, out)
    out.examples += training_examples.outcomes(buffers, keys, offset, part, out.ordinals)
    out.examples += training_examples.sessions(buffers, keys, offset, part, out.ordinals)


def _groups(buffers: DetectionBuffers) -> Iterator[tuple[int, int, list[Detection]]]:
    """Detections of one moment of one profile: place of the first one, the event, and the detections."""
    if not buffers.filled[DETECTIONS]:
        return
    place = 0
    for event, group in by_event(read_detections(buffers.detections[: buffers.filled[DETECTIONS]])):
        yield place, event, group
        place += len(group)


def _emit(group: list[Detection], cause: Cause, words: Vocabulary, result: FoldResult) -> list[Detection]:
    """Add the facts of one moment of one profile; returns the detections of changes."""
    changes = [detection for detection in group if detection.about < ANOMALY]
    if changes:
        result.changes.append(changed_fact(changes, cause, words))
    result.anomalies += [anomaly_fact(detection, cause) for detection in group if detection.about >= ANOMALY]
    return changes


def _causes(batch: Batch, moments: Sequence[tuple[int, int]], dims: int) -> Iterator[Cause]:
    """For each event and moment the activity, or the earlier moment of a timer that it fired if that is not 0."""
    events = [event for event, _ in moments]
    columns = (batch.heads[name][events].tolist() for name in ("source", "flags", "action", "event_time_ms"))
    rest = zip(batch.offsets[events].tolist(), *columns, strict=True)
    for (event, at_ms), (offset, source, flags, action, time_ms) in zip(moments, rest, strict=True):
        profile_id, place = _text(batch.profiles[event]), source_name(source)
        if at_ms:
            yield Cause(profile_id, None, place, at_ms, offset, "timer")
        else:
            event_id = decode_tail(batch.values[event], dims).event_id
            yield Cause(profile_id, event_id, place, time_ms, offset, origin_of(flags, action))


def _text(profile_id: bytes) -> str:
    return profile_id.decode("ascii", "replace")
