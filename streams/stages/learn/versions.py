"""Model versions on the compacted `models` topic: the valid ones, and the records to delete."""

from collections.abc import Collection, Iterator, Mapping

import structlog

from liveprofile.models.snapshot import SCHEMA, ModelVersion, NewerSchemaError, SnapshotError
from liveprofile.models.snapshot_records import from_records, is_manifest, number_of
from liveprofile.profiles.records.layouts import UnknownLayoutError

log = structlog.get_logger(__name__)


def trusted(records: Mapping[bytes, bytes]) -> Iterator[ModelVersion]:
    """Valid model versions among the records of the topic, newest first.

    A damaged or foreign one is logged and skipped. A version without its manifest was never finished, and is skipped
    in silence. `UnknownLayoutError` for a version of a newer program: without it, learning would give its number to
    another model.
    """
    for key in sorted(filter(is_manifest, records), key=number_of, reverse=True):
        try:
            yield from_records(records, key)
        except NewerSchemaError as error:
            raise UnknownLayoutError("a model version", f"schema {error.schema}", f"schema {SCHEMA}") from error
        except SnapshotError as error:
            log.error("model_version_refused", key=key.decode(errors="replace"), reason=str(error))


def to_clear(keys: Collection[bytes], keep: int) -> list[bytes]:
    """Keys of all records but those of the newest `keep` versions; a manifest before its parts.

    >>> to_clear([b"models@1", b"models@1/events/0", b"models@2", b"models@3/events/0", b"models@4"], keep=2)
    [b'models@1', b'models@1/events/0', b'models@3/events/0']
    """
    kept = set(sorted((number_of(key) for key in keys if is_manifest(key)), reverse=True)[:keep])
    return sorted((key for key in keys if number_of(key) not in kept), key=lambda key: (number_of(key), key))
