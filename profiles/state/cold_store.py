"""The interface of a store for profiles that do not fit into memory; the caller of the table provides it."""

from collections.abc import Sequence
from typing import Protocol

from liveprofile.errors import LiveprofileError


class DamagedStoreError(LiveprofileError):
    """The content of the store is unreadable or inconsistent."""

    next_step = "Delete the local store of this partition; it is filled again from the state topic."


class ColdStore(Protocol):
    """State records by profile id, as of the last durable ones."""

    def get_many(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """The records of `keys`, in their order; None for unknown keys. Raises `DamagedStoreError`."""
