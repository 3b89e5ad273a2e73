"""A lineage topic in memory, and the cluster whose topics it remembers: for what the runtime decides by them."""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any

import pytest

from liveprofile.streams.runtime.partition_fetch import StateRecord
from liveprofile.streams.runtime.topic_ids import Identity

LINEAGE = "shop.lineage"


class Cluster:
    """Topics with their ids, and the records of the lineage topic; it takes the place of the outbox and of reads."""

    def __init__(self, **topics: Identity) -> None:
        self.topics = {name.replace("_", "."): identity for name, identity in topics.items()}
        self.topics.setdefault(LINEAGE, Identity("of-the-lineage", 1))
        self.records: list[StateRecord] = []
        self.sends = 0
        self.errors: list[Exception] = []

    def read_by(self, monkeypatch: pytest.MonkeyPatch, *modules: str) -> None:
        """Let these modules read the lineage topic here."""
        for module in modules:
            monkeypatch.setattr(f"liveprofile.streams.runtime.{module}.read_partition", self.read)

    async def read(self, bootstrap: str, topic: str, partition: int) -> AsyncIterator[list[StateRecord]]:
        """The records, in two lists as after two fetches."""
        assert (topic, partition) == (LINEAGE, 0)
        half = len(self.records) // 2
        for part in (self.records[:half], self.records[half:]):
            yield part

    async def send(self, topic: str, partition: int, records: Sequence[tuple[bytes, bytes | None, Any]]) -> None:
        """Append to the lineage topic."""
        assert (topic, partition) == (LINEAGE, 0)
        self.sends += 1
        self.records += [(key, value, len(self.records) + at) for at, (key, value, _) in enumerate(records)]

    async def identities(self, names: Collection[str]) -> dict[str, Identity]:
        """The ids of those of the topics that exist."""
        if self.errors:
            raise self.errors.pop(0)
        return {name: self.topics[name] for name in names if name in self.topics}

    async def identify(self, name: str) -> Identity | None:
        """The id of one topic."""
        return (await self.identities([name])).get(name)
