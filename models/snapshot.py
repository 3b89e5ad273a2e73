"""A model version as bytes: canonical JSON with its own checksum, readable by any language, never a pickle.

One version holds the state of all learners after the example at `covers`, so that a restart continues from there.
Layout, keys sorted, no spaces:

    {"covers": last example offset, "event_time_ms", "gaps": [[first, last] offsets not learnt],
     "learners": {what: {"adopted": last numbers given to workers, "begun": first offset it could learn, "examples":
     learnt, "name", "training": its own state}}, "news": [events of this version], "schema": 2, "sha256": of this JSON
     without it, "version", "watermarks": {"kind/activity partition": [last activity offset, [checksums there]]}}

The encoding is canonical, so any changed byte is detected: either the digest or the re-encoding differs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from liveprofile.errors import LiveprofileError

SCHEMA = 2
"""Version of the layout; a change of meaning gets a new number."""


class SnapshotError(LiveprofileError, ValueError):
    """Bytes that are not a valid model version; a retry does not help, the previous version may."""

    next_step = "Use the model version before this one."


class NewerSchemaError(SnapshotError):
    """A model version of a newer program: it is not damaged, and whoever cannot read it must not learn on without."""

    next_step = "Run the newer version of the program that wrote it."

    def __init__(self, schema: int) -> None:
        super().__init__(f"model snapshot has schema {schema}, this program reads {SCHEMA}: use the program it is of")
        self.schema = schema


@dataclass(frozen=True)
class Learnt:
    """One learner in a version."""

    name: str
    """The algorithm's name in the configuration, such as kmeans."""
    begun: int
    """Offset of the first example that it could learn; above 0 for a learner that was added later."""
    examples: int
    """Number of examples learnt."""
    adopted: Mapping[str, Any] | None
    """The last adoption, as it is in `activity`; None before the first one."""
    training: Mapping[str, Any]
    """The result of `Learner.snapshot`."""


@dataclass(frozen=True)
class ModelVersion:
    """The state of all learners after one example: adopted parameters, training state, and positions in the topics."""

    version: int
    """From 1 on, never reused in one models topic."""
    covers: int
    """Offset of the newest example that was considered, -1 for none."""
    gaps: tuple[tuple[int, int], ...]
    """First and last offsets of examples at or below `covers` that these learners never got."""
    watermarks: Mapping[tuple[int, int], tuple[int, frozenset[int]]]
    """Per kind of example and partition of `activity`: offset of the newest activity, and checksums of its examples."""
    event_time_ms: int
    """Latest event time among the examples learnt."""
    learners: Mapping[str, Learnt]
    events: tuple[Mapping[str, Any], ...]
    """Events since the previous version, for `model-events`."""

    @property
    def key(self) -> bytes:
        """The key of its record, such as b"models@12"."""
        return b"models@%d" % self.version

    @property
    def adopted(self) -> list[dict[str, Any]]:
        """The adoptions in force, ordered by role."""
        found = (self.learners[what].adopted for what in sorted(self.learners))
        return [dict(one) for one in found if one is not None]


def encode(model: ModelVersion) -> bytes:
    """One model version as bytes; equal versions give equal bytes."""
    learners = {
        what: {
            "name": one.name,
            "begun": one.begun,
            "examples": one.examples,
            "adopted": one.adopted,
            "training": one.training,
        }
        for what, one in model.learners.items()
    }
    marks = {
        f"{kind}/{partition}": [offset, sorted(checksums)]
        for (kind, partition), (offset, checksums) in model.watermarks.items()
    }
    body = {
        "schema": SCHEMA,
        "version": model.version,
        "covers": model.covers,
        "gaps": [list(gap) for gap in model.gaps],
        "watermarks": marks,
        "event_time_ms": model.event_time_ms,
        "learners": learners,
        "news": list(model.events),
    }
    return _dump(body | {"sha256": sha256(_dump(body)).hexdigest()})


def decode(data: bytes) -> ModelVersion:
    """Decode. SnapshotError for changed bytes, an unknown schema, or any other defect."""
    body = _verified(data)
    try:
        return ModelVersion(
            version=body["version"],
            covers=body["covers"],
            gaps=tuple((first, last) for first, last in body["gaps"]),
            watermarks={
                _source(source): (offset, frozenset(checksums))
                for source, (offset, checksums) in body["watermarks"].items()
            },
            event_time_ms=body["event_time_ms"],
            learners={what: Learnt(**one) for what, one in body["learners"].items()},
            events=tuple(body["news"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SnapshotError(f"model snapshot lacks or garbles a field: {error!r}; use the version before") from error


def canonical(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """The object as it is after encoding and decoding, keys sorted: encoding it again gives the same bytes."""
    ordered: dict[str, Any] = orjson.loads(_dump(numbers))
    return ordered


def _source(text: str) -> tuple[int, int]:
    kind, _, partition = text.partition("/")
    return int(kind), int(partition)


def _verified(data: bytes) -> dict[str, Any]:
    """The JSON object of `data`; SnapshotError unless it is complete, of our schema, and what `encode` would write."""
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise SnapshotError(f"model snapshot is not JSON ({error}): it is damaged, use the version before") from error
    if isinstance(body, dict) and isinstance(body.get("schema"), int) and body["schema"] > SCHEMA:
        raise NewerSchemaError(body["schema"])
    if not isinstance(body, dict) or body.get("schema") != SCHEMA:
        found = body.get("schema") if isinstance(body, dict) else None
        raise SnapshotError(f"model snapshot has schema {found}, this program reads {SCHEMA}: use the program it is of")
    content = {key: value for key, value in body.items() if key != "sha256"}
    try:
        whole = body.get("sha256") == sha256(_dump(content)).hexdigest() and _dump(body) == data
    except orjson.JSONEncodeError:  # nested too deeply to be encoded
        whole = False
    if not whole:
        raise SnapshotError("model snapshot differs from its sha256: it is damaged, use the version before")
    return content


def _dump(body: Mapping[str, Any]) -> bytes:
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
