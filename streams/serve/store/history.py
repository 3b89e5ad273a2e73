"""The published changes of each profile, as bytes, in the order of versions."""

from collections.abc import Iterator
from typing import Any

import msgspec

from liveprofile.streams.serve.store.database import Database, Writes
from liveprofile.streams.serve.store.envelope import Stored, unwrap, wrap
from liveprofile.streams.serve.store.keys import Kind, of_change, of_profile


class ChangeHead(msgspec.Struct, gc=False):
    """One path of a change record."""

    path: str = ""
    before: Any = None
    after: Any = None


class ModelsHead(msgspec.Struct, frozen=True, gc=False):
    """Of the labels of a change record, the rules."""

    rules: str | None = None


class ChangesHead(msgspec.Struct, gc=False):
    """The fields of a change record that the follower reads."""

    version: int = 0
    origin: str = ""
    changes: list[ChangeHead] = []
    models: ModelsHead = ModelsHead()


_HEADS = msgspec.json.Decoder(ChangesHead)


def changes_head(value: bytes) -> ChangesHead:
    """The head of a change record. msgspec.MsgspecError where it is none."""
    return _HEADS.decode(value)


class History:
    """The changes that are kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, profile_id: bytes, stored: Stored, writes: Writes) -> bool:
        """Keep a version; False where it is kept already."""
        key = of_change(profile_id, stored.number)
        if key in writes.keys or self._database.get(key) is not None:
            return False
        writes.put(key, wrap(*stored))
        return True

    def remove(self, profile_id: bytes, writes: Writes) -> None:
        """All changes of a profile."""
        writes.delete_prefix(of_profile(Kind.CHANGE, profile_id))

    def of(self, profile_id: bytes, after_version: int = 0) -> Iterator[Stored]:
        """The changes of a profile above a version, the oldest first."""
        prefix = of_profile(Kind.CHANGE, profile_id)
        for _, value in self._database.scan(prefix, of_change(profile_id, after_version + 1)):
            yield unwrap(value)

    def old(self, before_ms: int) -> Iterator[bytes]:
        """The keys of changes and steps of anomalies from before a time; a pass over all of them."""
        for kind in (Kind.CHANGE, Kind.ANOMALY):
            for key, value in self._database.scan(kind.value):
                if unwrap(value).time_ms < before_ms:
                    yield key
