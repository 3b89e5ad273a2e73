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
    for place, event, group in _groups(buffers):
        changes = _emit(group, _cause(batch, event, group[0].at_ms, dims), words, result)
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


def _cause(batch: Batch, event: int, at_ms: int, dims: int) -> Cause:
    """The activity, or the earlier moment `at_ms` of a timer that it fired."""
    head, profile_id, offset = batch.heads[event], _text(batch.profiles[event]), int(batch.offsets[event])
    source = source_name(head["source"])
    if at_ms:
        return Cause(profile_id, None, source, at_ms, offset, "timer")
    origin = origin_of(int(head["flags"]), int(head["action"]))
    event_id = decode_tail(batch.values[event], dims).event_id
    return Cause(profile_id, event_id, source, int(head["event_time_ms"]), offset, origin)


def _text(profile_id: bytes) -> str:
    return profile_id.decode("ascii", "replace")
