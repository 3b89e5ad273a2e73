"""A model version as bytes: canonical JSON that vouches for itself, readable by any language, never a pickle.

Layout, keys sorted, no spaces:

    {"centres": base64 of int16 little-endian (c, k), "covers": last example offset, "event_time_ms",
     "examples": learnt, "gaps": [[first, last] offsets not learnt], "ids": [c], "k", "name", "next_id", "schema": 1,
     "sha256": of this JSON without itself, "training": the clusterer's own state, "version",
     "watermarks": {activity partition: last activity offset}}

Being canonical, any changed byte is seen: either the digest or the re-encoding differs.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

SCHEMA = 1
"""Version of the layout; a change of meaning gets a new number."""


class SnapshotError(ValueError):
    """Bytes that are not a model version we can trust; a retry does not help, the version before may."""


@dataclass(frozen=True, eq=False)
class ModelVersion:
    """One version of a clusterer: what workers assign with, what the learner goes on from, and what it has seen."""

    name: str
    """The clusterer's name in the configuration, such as kmeans."""
    version: int
    """From 1 on, never used twice in one models topic."""
    ids: npt.NDArray[np.int64]
    """Shape (c,): ids of the clusters."""
    centres: npt.NDArray[np.int16]
    """Shape (c, k): centres, 32767 for 1.0."""
    next_id: int
    """The least id that was never given to a cluster."""
    covers: int
    """Offset of the newest example that was considered, -1 for none."""
    examples: int
    """Number of examples learnt."""
    gaps: tuple[tuple[int, int], ...]
    """First and last offsets at or below `covers` that this learner was never given."""
    watermarks: Mapping[int, int]
    """Per partition of `activity`, the offset of the newest activity whose example was learnt."""
    event_time_ms: int
    """Latest event time among the examples learnt."""
    training: Mapping[str, Any]
    """What `Clusterer.snapshot` gave."""

    @property
    def label(self) -> str:
        """What facts call it, such as kmeans@12."""
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, eq=False)
class Adopted:
    """The part of a model version that workers need: which clusters there are and where."""

    label: str
    version: int
    ids: npt.NDArray[np.int64]
    """Shape (c,)."""
    centres: npt.NDArray[np.int16]
    """Shape (c, k)."""


def adoption(model: ModelVersion) -> dict[str, Any]:
    """The model as an adoption record carries it: everything needed to assign, nothing of the training."""
    return {
        "name": model.name,
        "version": model.version,
        "k": int(model.centres.shape[1]),
        "ids": model.ids.tolist(),
        "centres": b64encode(model.centres.astype("<i2").tobytes()).decode("ascii"),
        "covers": model.covers,
    }


def read_adoption(adopted: Mapping[str, Any]) -> Adopted:
    """The other way. SnapshotError when the numbers do not fit together."""
    try:
        ids = np.array(adopted["ids"], dtype=np.int64)
        flat = np.frombuffer(b64decode(adopted["centres"], validate=True), dtype="<i2").astype(np.int16)
        centres = flat.reshape(len(ids), adopted["k"])
        return Adopted(f"{adopted['name']}@{adopted['version']}", adopted["version"], ids, centres)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise SnapshotError(f"not an adopted model: {error!r}; see models.snapshot for its fields") from error


def encode(model: ModelVersion) -> bytes:
    """One model version as bytes; equal versions give equal bytes."""
    body = adoption(model) | {
        "schema": SCHEMA,
        "next_id": model.next_id,
        "examples": model.examples,
        "gaps": [list(gap) for gap in model.gaps],
        "watermarks": {str(partition): offset for partition, offset in model.watermarks.items()},
        "event_time_ms": model.event_time_ms,
        "training": model.training,
    }
    return _dump(body | {"sha256": sha256(_dump(body)).hexdigest()})


def decode(data: bytes) -> ModelVersion:
    """The other way. SnapshotError for changed bytes, an unknown schema, or anything else."""
    body = _verified(data)
    try:
        adopted = read_adoption(body)
        return ModelVersion(
            name=body["name"],
            version=body["version"],
            ids=adopted.ids,
            centres=adopted.centres,
            next_id=body["next_id"],
            covers=body["covers"],
            examples=body["examples"],
            gaps=tuple((first, last) for first, last in body["gaps"]),
            watermarks={int(partition): offset for partition, offset in body["watermarks"].items()},
            event_time_ms=body["event_time_ms"],
            training=body["training"],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SnapshotError(f"model snapshot lacks or garbles a field: {error!r}; use the version before") from error


def _verified(data: bytes) -> dict[str, Any]:
    """The JSON object of `data`, if it is whole, of our schema and exactly what `encode` would have written."""
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise SnapshotError(f"model snapshot is not JSON ({error}): it is damaged, use the version before") from error
    if not isinstance(body, dict) or body.get("schema") != SCHEMA:
        found = body.get("schema") if isinstance(body, dict) else None
        raise SnapshotError(f"model snapshot has schema {found}, this program reads {SCHEMA}: use the program it is of")
    content = {key: value for key, value in body.items() if key != "sha256"}
    try:
        whole = body.get("sha256") == sha256(_dump(content)).hexdigest() and _dump(body) == data
    except orjson.JSONEncodeError:  # nested deeper than can be written
        whole = False
    if not whole:
        raise SnapshotError("model snapshot differs from its sha256: it is damaged, use the version before")
    return content


def _dump(body: Mapping[str, Any]) -> bytes:
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
