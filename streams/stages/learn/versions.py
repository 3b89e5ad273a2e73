"""The model versions kept on the compacted `models` topic: their keys, the newest one to be trusted, what to clear."""

from collections.abc import Collection, Iterator, Mapping

import structlog

from liveprofile.models.snapshot import SCHEMA, ModelVersion, NewerSchemaError, SnapshotError, decode
from liveprofile.profiles.records.layouts import UnknownLayoutError

log = structlog.get_logger(__name__)


def number_of(key: bytes) -> int:
    """The version number in a key; 0 for a key that is none.

    >>> number_of(b"models@12"), number_of(b"latest")
    (12, 0)
    """
    number = key.rpartition(b"@")[2]
    return int(number) if number.isdigit() else 0


def trusted(shelf: Mapping[bytes, bytes]) -> Iterator[ModelVersion]:
    """Valid model versions, newest first. A damaged or foreign one is said and passed over, never half used.

    `UnknownLayoutError` for one of a newer program: learning on without it would give its number to another model.
    """
    for key in sorted(shelf, key=number_of, reverse=True):
        try:
            model = decode(shelf[key])
            if model.key != key:
                raise SnapshotError(f"model snapshot {model.version} lies under another key: use the one before")
            yield model
        except NewerSchemaError as error:
            raise UnknownLayoutError("a model version", f"schema {error.schema}", f"schema {SCHEMA}") from error
        except SnapshotError as error:
            log.error("model_version_refused", key=key.decode(errors="replace"), reason=str(error))


def to_clear(keys: Collection[bytes], keep: int) -> list[bytes]:
    """Keys of all but the newest `keep` versions."""
    return sorted(keys, key=number_of, reverse=True)[keep:]
