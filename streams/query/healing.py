"""Heals gaps: finds the present snapshots of profiles of which versions were missed."""

import asyncio
import time
from collections.abc import Collection, Mapping
from typing import Any

from liveprofile.profiles.facts.snapshot import ProfileSnapshot
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.query.deliveries import GapError
from liveprofile.streams.query.reader import open_reader, places_of
from liveprofile.streams.transport.connection import Bootstrap

AGAIN_S = 1.0
"""Time between two looks for a snapshot that a worker has still to write."""


class Healing:
    """Reads `profiles` for the profiles of one batch at once: a look costs the reading of a whole partition."""

    def __init__(
        self, bootstrap: Bootstrap, topics: Topics, wait_s: float, connection: Mapping[str, Any] | None
    ) -> None:
        """`wait_s` is how long a snapshot may be older than a change: workers write them within seconds."""
        self._bootstrap, self._topics, self._wait_s, self._connection = bootstrap, topics, wait_s, connection
        self._found: dict[str, bytes | None] = {}

    async def snapshot(self, profile_id: str, version: int, others: Collection[str]) -> ProfileSnapshot | None:
        """The profile as it is now, at `version` or later; None if it was removed, or never written.

        `others` are profiles that may be asked for next: theirs are remembered until others are read. Raises
        `GapError` where the snapshot stays older for longer than `wait_s`.
        """
        if (known := self._decoded(profile_id)) is not None and known.version >= version:
            return known
        give_up_s = time.monotonic() + self._wait_s
        while True:
            await self._read(profile_id, others)
            found = self._decoded(profile_id)
            if found is not None and found.version >= version:
                return found
            removed = found is None and profile_id in self._found
            late = time.monotonic() > give_up_s
            if removed or (late and found is None):
                return None
            if late:
                raise GapError(
                    f"version {version} of profile {profile_id} came after a gap, and its snapshot on "
                    f"{self._topics.profiles} is version {found.version if found else 0} for {self._wait_s:.0f} s"
                )
            await asyncio.sleep(AGAIN_S)

    def _decoded(self, profile_id: str) -> ProfileSnapshot | None:
        value = self._found.get(profile_id)
        return ProfileSnapshot.decode(value) if value is not None else None

    async def _read(self, profile_id: str, others: Collection[str]) -> None:
        """Look through the profile's partition once."""
        wanted = {one.encode(): one for one in (profile_id, *others)}
        self._found = {}
        async with open_reader(self._bootstrap, self._connection, quiet=False) as reader:
            places = places_of(reader, self._topics.profiles, profile_id.encode())
            async for records in reader.read_to_end(places):
                for record in records:
                    if (name := wanted.get(record.key)) is not None:
                        self._found[name] = record.value
