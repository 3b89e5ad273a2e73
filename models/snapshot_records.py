"""A model version as records of the compacted `models` topic: its parts in chunks, and a manifest that is written last.

    models@12/learner/clusterer/0   compressed JSON of a learner, see `snapshot.Learnt`; as many chunks as it takes
    models@12/positions/0           {"gaps", "watermarks": {"kind/activity partition": [offset, ordinal, checksums]}}
    models@12/events/0              [events of this version]
    models@12                       {"covers", "event_time_ms", "parts": {name: {"bytes": of the JSON, "chunks",
                                    "sha256": of all its chunks}}, "schema": 3, "sha256", "version"}

No record grows with the shop: a chunk has its limit, and the manifest names a handful of parts. A version is there when
its manifest is, and every part that the manifest names is complete and unchanged; else it is as if never written.
Numbers of versions are not used again, so a part is never overwritten, and compaction keeps all of a version until it
gets its tombstones. Readable by any language; never a pickle.
"""

import zlib
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson

from liveprofile.models.snapshot import (
    SCHEMA,
    WHOLE,
    Learnt,
    ModelVersion,
    SnapshotError,
    Watermark,
    checked,
    decode_whole,
    dump,
    opened,
    plain,
    schema_of,
    sealed,
    source_name,
    source_of,
)

CHUNK_BYTES = 128 * 1024
"""Most bytes of the value of a part's record: well below any limit of records that a cluster has."""
PART_BYTES = 1 << 30
"""Most bytes of a part's JSON that a reader decompresses."""
LEARNER = "learner/"

Records = list[tuple[bytes, bytes]]


def to_records(model: ModelVersion, chunk_bytes: int = CHUNK_BYTES) -> Records:
    """Keys and values of all records, in the order in which they must become durable: the manifest is the last."""
    parts: dict[str, Any] = {LEARNER + what: plain(one) for what, one in model.learners.items()}
    parts["positions"] = {
        "gaps": [list(gap) for gap in model.gaps],
        "watermarks": {
            source_name(source): [mark.offset, mark.ordinal, sorted(mark.checksums)]
            for source, mark in model.watermarks.items()
        },
    }
    parts["events"] = list(model.events)
    records: Records = []
    named: dict[str, dict[str, Any]] = {}
    for name, content in sorted(parts.items()):
        json = dump(content)
        packed = zlib.compress(json)
        chunks = [packed[at : at + chunk_bytes] for at in range(0, len(packed), chunk_bytes)]
        records += [(_part_key(model.key, name, number), chunk) for number, chunk in enumerate(chunks)]
        named[name] = {"bytes": len(json), "chunks": len(chunks), "sha256": sha256(packed).hexdigest()}
    manifest = {
        "schema": SCHEMA,
        "version": model.version,
        "covers": model.covers,
        "event_time_ms": model.event_time_ms,
        "parts": named,
    }
    return [*records, (model.key, sealed(manifest))]


def from_records(records: Mapping[bytes, bytes], key: bytes) -> ModelVersion:
    """The version whose manifest has this key, out of the latest value of every key of the topic.

    A version in one record, which programs before this form wrote, is read as well. SnapshotError where anything of it
    is missing, changed, or of an unknown schema.
    """
    data = records[key]
    if schema_of(data) == WHOLE:
        model = decode_whole(data)
    else:
        manifest = opened(data, SCHEMA)
        model = checked(lambda: _assembled(records, key, manifest))
    if model.key != key:
        raise SnapshotError(f"model snapshot {model.version} has another key: use the previous version")
    return model


def is_manifest(key: bytes) -> bool:
    """Whether a key is that of a version itself, and not of a part.

    >>> is_manifest(b"models@12"), is_manifest(b"models@12/events/0")
    (True, False)
    """
    return b"/" not in key


def number_of(key: bytes) -> int:
    """The version number in a key, that of a part included; 0 for another key.

    >>> number_of(b"models@12"), number_of(b"models@12/learner/alarms/0"), number_of(b"latest")
    (12, 12, 0)
    """
    number = key.partition(b"/")[0].rpartition(b"@")[2]
    return int(number) if number.isdigit() else 0


def _assembled(records: Mapping[bytes, bytes], key: bytes, manifest: Mapping[str, Any]) -> ModelVersion:
    parts = {name: _part(records, key, name, named) for name, named in manifest["parts"].items()}
    positions = parts["positions"]
    return ModelVersion(
        version=manifest["version"],
        covers=manifest["covers"],
        gaps=tuple((first, last) for first, last in positions["gaps"]),
        watermarks={
            source_of(name): Watermark(offset, ordinal, frozenset(found))
            for name, (offset, ordinal, found) in positions["watermarks"].items()
        },
        event_time_ms=manifest["event_time_ms"],
        learners={
            name.removeprefix(LEARNER): Learnt(**content) for name, content in parts.items() if name.startswith(LEARNER)
        },
        events=tuple(parts["events"]),
    )


def _part(records: Mapping[bytes, bytes], key: bytes, name: str, named: Mapping[str, Any]) -> Any:
    """The content of a part; `named` is what the manifest says of it."""
    size: int = named["bytes"]
    found = [records.get(_part_key(key, name, number)) for number in range(named["chunks"])]
    packed = b"".join(chunk for chunk in found if chunk is not None)
    if None in found:
        raise SnapshotError(f"part {name} of a model snapshot is not complete: use the version before")
    if sha256(packed).hexdigest() != named["sha256"]:
        raise SnapshotError(f"part {name} of a model snapshot differs from its sha256: use the version before")
    if not 0 < size <= PART_BYTES:
        raise SnapshotError(f"part {name} of a model snapshot has {size} bytes: use the version before")
    try:
        return orjson.loads(zlib.decompressobj().decompress(packed, size))
    except (zlib.error, orjson.JSONDecodeError) as error:
        raise SnapshotError(f"part {name} of a model snapshot is damaged ({error}): use the version before") from error


def _part_key(key: bytes, name: str, number: int) -> bytes:
    return b"%s/%s/%d" % (key, name.encode(), number)
