"""A model version: the state of all learners after the example at `covers`, so that a restart continues from there.

`models.snapshot_records` writes it as several records. Here are its content, the errors of its readers, and the form
of programs before that: one record of canonical JSON with its own checksum, keys sorted, no spaces:

    {"covers": last example offset, "event_time_ms", "gaps": [[first, last] offsets not learnt],
     "learners": {what: {"adopted": last numbers given to workers, "begun": first offset it could learn, "examples":
     learnt, "name", "training": its own state}}, "news": [events of this version], "schema": 2, "sha256": of this JSON
     without it, "version", "watermarks": {"kind/activity partition": [last activity offset, [checksums there]]}}

The encoding is canonical, so any changed byte is detected: either the digest or the re-encoding differs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from liveprofile.errors import LiveprofileError

SCHEMA = 3
"""Version of the layout; a change of meaning gets a new number. 3 is written in several records."""
WHOLE = 2
"""The schema of a version in one record."""
UNNUMBERED = 1_024
"""Most checksums that a watermark keeps: of the examples that one activity gave to a program without ordinals."""


class SnapshotError(LiveprofileError, ValueError):
    """Bytes that are not a valid model version; a retry does not help, the previous version may."""

    next_step = "Use the model version before this one."


class NewerSchemaError(SnapshotError):
    """A model version of a newer program: it is not damaged, and whoever cannot read it must not learn on without."""

    next_step = "Run the newer version of the program that wrote it."

    def __init__(self, schema: int) -> None:
        super().__init__(f"model snapshot has schema {schema}, this program reads {SCHEMA}: use the program it is of")
        self.schema = schema


class Watermark(NamedTuple):
    """The last example of a kind and a partition of `activity` that was considered: an example above it is new."""

    offset: int
    """Offset in `activity`."""
    ordinal: int
    """Place among the examples of that offset, from 0 on."""
    checksums: frozenset[int] = frozenset()
    """Of the examples of that offset that have no ordinal, at most `UNNUMBERED`."""


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
    watermarks: Mapping[tuple[int, int], Watermark]
    """Per kind of example and partition of `activity`."""
    event_time_ms: int
    """Latest event time among the examples learnt."""
    learners: Mapping[str, Learnt]
    events: tuple[Mapping[str, Any], ...]
    """Events since the previous version, for `model-events`."""

    @property
    def key(self) -> bytes:
        """The key of its record, such as b"models@12"; those of its parts begin with it and a slash."""
        return b"models@%d" % self.version

    @property
    def adopted(self) -> list[dict[str, Any]]:
        """The adoptions in force, ordered by role."""
        found = (self.learners[what].adopted for what in sorted(self.learners))
        return [dict(one) for one in found if one is not None]


def encode_whole(model: ModelVersion) -> bytes:
    """One model version as one record, for programs that know no other form; equal versions give equal bytes."""
    body = {
        "schema": WHOLE,
        "version": model.version,
        "covers": model.covers,
        "gaps": [list(gap) for gap in model.gaps],
        "watermarks": {
            source_name(source): [mark.offset, sorted(mark.checksums)] for source, mark in model.watermarks.items()
        },
        "event_time_ms": model.event_time_ms,
        "learners": {what: plain(one) for what, one in model.learners.items()},
        "news": list(model.events),
    }
    return sealed(body)


def decode_whole(data: bytes) -> ModelVersion:
    """Decode one record. SnapshotError for changed bytes, an unknown schema, or any other defect."""
    body = opened(data, WHOLE)
    return checked(lambda: _whole(body))


def _whole(body: Mapping[str, Any]) -> ModelVersion:
    return ModelVersion(
        version=body["version"],
        covers=body["covers"],
        gaps=tuple((first, last) for first, last in body["gaps"]),
        watermarks={
            source_of(name): Watermark(offset, len(found) - 1, frozenset(found[:UNNUMBERED]))
            for name, (offset, found) in body["watermarks"].items()
        },
        event_time_ms=body["event_time_ms"],
        learners={what: Learnt(**one) for what, one in body["learners"].items()},
        events=tuple(body["news"]),
    )


def checked(read: Callable[[], ModelVersion]) -> ModelVersion:
    """What `read` gives; SnapshotError where a field is missing or makes no sense."""
    try:
        return read()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, SnapshotError):
            raise
        raise SnapshotError(f"model snapshot lacks or garbles a field: {error!r}; use the version before") from error


def plain(learnt: Learnt) -> dict[str, Any]:
    """A learner as a JSON object."""
    return {
        "name": learnt.name,
        "begun": learnt.begun,
        "examples": learnt.examples,
        "adopted": learnt.adopted,
        "training": learnt.training,
    }


def canonical(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """The object as it is after encoding and decoding, keys sorted: encoding it again gives the same bytes."""
    ordered: dict[str, Any] = orjson.loads(dump(numbers))
    return ordered


def source_name(source: tuple[int, int]) -> str:
    """A kind of example and a partition of `activity` as text."""
    kind, partition = source
    return f"{kind}/{partition}"


def source_of(name: str) -> tuple[int, int]:
    """The inverse of `source_name`."""
    kind, _, partition = name.partition("/")
    return int(kind), int(partition)


def schema_of(data: bytes) -> object:
    """The schema that a record says it has; None where it says none."""
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise SnapshotError(f"model snapshot is not JSON ({error}): it is damaged, use the version before") from error
    return body.get("schema") if isinstance(body, dict) else None


def opened(data: bytes, schema: int) -> dict[str, Any]:
    """The JSON object that `sealed` wrote, of this schema; SnapshotError unless it is complete and unchanged."""
    found = schema_of(data)
    if isinstance(found, int) and found > SCHEMA:
        raise NewerSchemaError(found)
    if found != schema:
        raise SnapshotError(f"model snapshot has schema {found}, this program reads {SCHEMA}: use the program it is of")
    body = orjson.loads(data)
    content = {key: value for key, value in body.items() if key != "sha256"}
    try:
        whole = body.get("sha256") == sha256(dump(content)).hexdigest() and dump(body) == data
    except orjson.JSONEncodeError:  # nested too deeply to be encoded
        whole = False
    if not whole:
        raise SnapshotError("model snapshot differs from its sha256: it is damaged, use the version before")
    return content


def sealed(body: Mapping[str, Any]) -> bytes:
    """A JSON object with its digest."""
    return dump({**body, "sha256": sha256(dump(body)).hexdigest()})


def dump(body: Any) -> bytes:
    """Canonical JSON."""
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
