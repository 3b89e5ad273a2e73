"""Model versions on the compacted `models` topic: their keys, the valid ones, and the ones to delete."""

from collections.abc import Collection, Iterator, Mapping

import structlog

from liveprofile.models.snapshot import SCHEMA, ModelVersion, NewerSchemaError, SnapshotError, decode
from liveprofile.profiles.records.layouts import UnknownLayoutError

log = structlog.get_logger(__name__)


def number_of(key: bytes) -> int:
    """The version number in a key; 0 for another key.

    >>> number_of(b"models@12"), number_of(b"latest")
    (12, 0)
    """
    number = key.rpartition(b"@")[2]
    return int(number) if number.isdigit() else 0


def trusted(snapshots: Mapping[bytes, bytes]) -> Iterator[ModelVersion]:
    """Valid model versions, newest first. A damaged or foreign one is logged and skipped.

    `UnknownLayoutError` for a version of a newer program: without it, learning would give its number to another model.
    """
    for key in sorted(snapshots, key=number_of, reverse=True):
        try:
            model = decode(snapshots[key])
            if model.key != key:
                raise SnapshotError(f"model snapshot {model.version} has another key: use the previous version")
            yield model
        except NewerSchemaError as error:
            raise UnknownLayoutError("a model version", f"schema {error.schema}", f"schema {SCHEMA}") from error
        except SnapshotError as error:
            log.error("model_version_refused", key=key.decode(errors="replace"), reason=str(error))


def to_clear(keys: Collection[bytes], keep: int) -> list[bytes]:
    """Keys of all but the newest `keep` versions."""
    return sorted(keys, key=number_of, reverse=True)[keep:]
