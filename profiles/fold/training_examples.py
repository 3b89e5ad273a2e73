"""Training examples of a batch, from detections and from reviews."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import orjson

from liveprofile.models.learners.kind import ExampleKind
from liveprofile.profiles.kernel.context import ENTRIES, LABELLED, SESSIONS, DetectionBuffers
from liveprofile.profiles.records.activity import VECTOR_ONE, Action
from liveprofile.profiles.records.training_example import blank_examples, encode
from liveprofile.profiles.state.dictionary import Dictionary
from liveprofile.profiles.traits.sentiment import tone_share

DAY_MS = 86_400_000
LONGEST_NAME = 60
"""Maximum characters of a topic's name in an example."""

Ints = npt.NDArray[np.int64]
Examples = list[tuple[bytes, bytes]]
"""Profile id and example."""


class Ordinals:
    """Numbers the examples of a kind that one record of the log gives: a record's examples may come in several calls.

    >>> ordinals = Ordinals()
    >>> [ordinals.of(1, np.array(offsets)).tolist() for offsets in ([5, 5, 7], [7, 7, 9])]
    [[0, 1, 0], [1, 2, 0]]
    """

    def __init__(self) -> None:
        self._next: dict[int, tuple[int, int]] = {}
        """By kind: the last offset, and the number of its next example."""

    def of(self, kind: int, offsets: Ints) -> Ints:
        """The ordinals of examples (n,) of a kind, 1 or more, in ascending order of their offsets."""
        starts = np.flatnonzero(np.diff(offsets, prepend=offsets[0] - 1))
        counts = np.diff(starts, append=len(offsets))
        ordinals = np.arange(len(offsets)) - np.repeat(starts, counts)
        last, following = self._next.get(kind, (-1, 0))
        if last == offsets[0]:
            ordinals[: counts[0]] += following
        self._next[kind] = int(offsets[-1]), int(ordinals[-1]) + 1
        return ordinals


def places(
    buffers: DetectionBuffers,
    chosen: Sequence[int],
    keys: Sequence[bytes],
    times_ms: Ints,
    offsets: Ints,
    dictionary: Dictionary,
    part: int,
    ordinals: Ordinals,
) -> Examples:
    """Long-term interests of profiles with changed interests, as of the change: one for each `chosen` detection.

    Keys, times and offsets are of the activities; `part` is the partition of `activity`.
    """
    if not chosen:
        return []
    detections = buffers.detections[chosen]
    events = detections["event"]
    rows = blank_examples(ExampleKind.PLACE, len(chosen), buffers.directions.shape[1], part)
    rows["offset"], rows["event_time_ms"] = offsets[events], times_ms[events]
    rows["version"], rows["topic"], rows["vector"] = (
        detections["version"],
        buffers.topics[chosen],
        buffers.directions[chosen],
    )
    rows["ordinal"] = ordinals.of(ExampleKind.PLACE, rows["offset"])
    texts = [dictionary.name(topic)[-LONGEST_NAME:] if topic else "" for topic in rows["topic"].tolist()]
    return list(zip([keys[at] for at in events.tolist()], encode(rows, texts), strict=True))


def outcomes(
    buffers: DetectionBuffers, keys: Sequence[bytes], offsets: Ints | int, part: int, ordinals: Ordinals
) -> Examples:
    """Labelled predictions, by activities, or by a tick at the offset for the profiles `keys`."""
    labelled = buffers.labelled[: buffers.filled[LABELLED]]
    if not len(labelled):
        return []
    events = labelled["event"]
    rows = blank_examples(ExampleKind.LABELLED, len(labelled), labelled["input"].shape[1], part)
    rows["offset"] = offsets if isinstance(offsets, int) else offsets[events]
    rows["ordinal"] = ordinals.of(ExampleKind.LABELLED, rows["offset"])
    rows["event_time_ms"] = labelled["time_ms"]
    for field in ("task", "label", "probability", "input"):
        rows[field] = labelled[field]
    return list(zip([keys[at] for at in events.tolist()], encode(rows), strict=True))


def sessions(
    buffers: DetectionBuffers, keys: Sequence[bytes], offsets: Ints | int, part: int, ordinals: Ordinals
) -> Examples:
    """Sessions that have ended, by activities, or by a tick at the offset for the profiles `keys`."""
    ended = buffers.sessions[: buffers.filled[SESSIONS]]
    if not len(ended):
        return []
    events = ended["event"]
    rows = blank_examples(ExampleKind.SESSION, len(ended), ended["numbers"].shape[1], part)
    rows["offset"] = offsets if isinstance(offsets, int) else offsets[events]
    rows["ordinal"] = ordinals.of(ExampleKind.SESSION, rows["offset"])
    rows["event_time_ms"], rows["score"] = ended["time_ms"], ended["numbers"]
    rows["day"] = np.clip(ended["time_ms"] // DAY_MS, 0, None)
    return list(zip([keys[at] for at in events.tolist()], encode(rows), strict=True))


def entries(
    buffers: DetectionBuffers,
    keys: Sequence[bytes],
    times_ms: Ints,
    offsets: Ints,
    dictionary: Dictionary,
    part: int,
    ordinals: Ordinals,
) -> Examples:
    """Cold-start examples of shoppers who now have enough activities."""
    entered = buffers.entered[: buffers.filled[ENTRIES]]
    if not len(entered):
        return []
    events = entered["event"]
    rows = blank_examples(ExampleKind.ENTRY, len(entered), entered["share"].shape[1], part)
    rows["offset"], rows["event_time_ms"] = offsets[events], times_ms[events]
    rows["ordinal"] = ordinals.of(ExampleKind.ENTRY, rows["offset"])
    for field in ("entry", "cluster", "bought", "order", "share"):
        rows[field] = entered[field]
    topics = [[dictionary.name(topic)[-LONGEST_NAME:] for topic in row if topic] for row in entered["topic"].tolist()]
    texts = [orjson.dumps(row).decode() for row in topics]
    return list(zip([keys[at] for at in events.tolist()], encode(rows, texts), strict=True))


def reviews(
    keys: Sequence[bytes], heads: npt.NDArray[np.void], offsets: Ints, part: int, ordinals: Ordinals
) -> Examples:
    """Reviews with stars and words: the embedding of the words, followed by their tone."""
    chosen = np.flatnonzero((heads["action"] == Action.REVIEW) & (heads["stars"] > 0))
    chosen = chosen[heads["vector"][chosen].any(axis=1)]
    if not len(chosen):
        return []
    dims = heads["vector"].shape[1]
    rows = blank_examples(ExampleKind.REVIEW, len(chosen), dims + 1, part)
    rows["offset"], rows["event_time_ms"] = offsets[chosen], heads["event_time_ms"][chosen]
    rows["ordinal"] = ordinals.of(ExampleKind.REVIEW, rows["offset"])
    rows["stars"], rows["vector"][:, :dims] = heads["stars"][chosen], heads["vector"][chosen]
    rows["vector"][:, dims] = [int(tone_share(tone) * VECTOR_ONE) for tone in heads["review_tone"][chosen].tolist()]
    return list(zip([keys[at] for at in chosen.tolist()], encode(rows), strict=True))
