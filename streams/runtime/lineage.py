"""The lineage: Kafka's ids of the topics that an application's state was made from; a replaced topic is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import msgspec
import structlog
from aiokafka.errors import KafkaError

from liveprofile.streams.errors import SetupError
from liveprofile.streams.runtime.partition_state import read_partition
from liveprofile.streams.runtime.topic_ids import Identity

if TYPE_CHECKING:
    from liveprofile.streams.runtime.outbox import KafkaOutbox

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 2.0


class Entry(msgspec.Struct, frozen=True):
    """A topic's entry: the JSON value of its record in the lineage topic; the key is the topic's name."""

    topic_id: str
    partitions: int
    generation: int = 0
    """How often the topic was replaced and an operator accepted the new one."""

    def difference(self, found: Identity | None) -> str | None:
        """How the present topic differs, as the end of a sentence that begins with its name; None if it is the same.

        >>> Entry("a", 4).difference(Identity("b", 4))
        'was deleted and created again'
        """
        if found is None:
            return "does not exist any more"
        if found.topic_id != self.topic_id:
            return "was deleted and created again"
        if found.partitions != self.partitions:
            return f"has {found.partitions} partitions, it had {self.partitions}"
        return None


async def read_entries(bootstrap: str, topic: str) -> dict[str, Entry]:
    """The entries of the lineage topic, by topic name. Raises `StateReadError` if it is missing."""
    entries: dict[str, Entry] = {}
    async for records in read_partition(bootstrap, topic, 0):
        entries |= {key.decode(): msgspec.json.decode(value, type=Entry) for key, value, _ in records if key and value}
    return entries


async def write_entries(outbox: KafkaOutbox, topic: str, entries: Mapping[str, Entry]) -> None:
    """Write entries to the lineage topic."""
    await outbox.send(topic, 0, [(name.encode(), msgspec.json.encode(entry), ()) for name, entry in entries.items()])


class Lineage:
    """Checks that topics are those the state was made from, at the start and while running.

    Every worker checks all of them, whatever its stages, because they share the state. Ids are in a separate topic and
    not in the group's offsets, because Kafka drops offsets together with the topic or the group.
    """

    def __init__(self, outbox: KafkaOutbox, bootstrap: str, topic: str, consequences: Mapping[str, str]) -> None:
        """`topic` is the lineage topic; empty: nothing is checked. `consequences` has the checked topics, each with
        what would happen if it was silently replaced."""
        self._outbox = outbox
        self._bootstrap = bootstrap
        self._topic = topic
        self._consequences = {**consequences, topic: "a replacement of other topics would not be noticed"}
        self._entries: dict[str, Entry] = {}

    def generation(self, topic: str) -> int:
        """How often the topic was replaced and accepted."""
        entry = self._entries.get(topic)
        return entry.generation if entry else 0

    def topic_id(self, topic: str) -> str:
        """Kafka's id of a checked topic; empty if ids are not checked."""
        entry = self._entries.get(topic)
        return entry.topic_id if entry else ""

    async def begin(self) -> None:
        """Check known topics, and write entries of new ones. `SetupError` if a topic was replaced."""
        if not self._topic:
            return
        self._entries = await read_entries(self._bootstrap, self._topic)
        found = await self._look()
        self._check(found, self._entries)
        new = {name: Entry(*_parts(one)) for name, one in found.items() if name not in self._entries}
        self._entries |= new
        if remembered := {name: entry for name, entry in new.items() if name != self._topic}:
            await write_entries(self._outbox, self._topic, remembered)
            log.info("topics remembered", topics=sorted(remembered), lineage=self._topic)

    async def keep_looking(self) -> None:
        """Check repeatedly until cancelled: raises `SetupError` if a topic is replaced while the worker runs.

        A missing topic is an error only at the second check, because a lagging broker may not know it yet. Errors of an
        unreachable broker are ignored here; other parts report them.
        """
        missing: set[str] = set()
        while self._topic:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                found = await self._look()
            except (KafkaError, OSError):
                continue
            before, missing = missing, self._entries.keys() - found.keys()
            self._check(found, self._entries.keys() - (missing - before))

    async def _look(self) -> dict[str, Identity]:
        try:
            return await self._outbox.identities(self._consequences)
        except NotImplementedError as error:
            raise SetupError(
                f"Kafka at {self._bootstrap} does not return the ids of topics", "Use Apache Kafka 3.1 or newer."
            ) from error

    def _check(self, found: Mapping[str, Identity], names: Collection[str]) -> None:
        for name in sorted(names):
            if difference := self._entries[name].difference(found.get(name)):
                raise SetupError(
                    f"topic {name!r} {difference} since profiles were made from it: {self._consequences[name]}",
                    f"Stop all workers. Restore the old topic, or run `liveprofile topics accept {name}`: it "
                    "accepts the new topic if that is safe, and otherwise says what to do.",
                )


def _parts(found: Identity) -> tuple[str, int]:
    return found.topic_id, found.partitions
