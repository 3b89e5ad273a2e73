"""The model versions among the records of the `models` topic."""

from collections.abc import Mapping

from liveprofile.models.snapshot import ModelVersion
from liveprofile.models.snapshot_records import from_records, is_manifest, number_of


def versions(records: Mapping[bytes, bytes]) -> dict[bytes, ModelVersion]:
    """Every version by the key of its manifest, the oldest first. SnapshotError for one that is damaged."""
    return {key: from_records(records, key) for key in sorted(filter(is_manifest, records), key=number_of)}
