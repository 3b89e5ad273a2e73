"""The lineage: Kafka's ids of the topics that an application's state was made from; a replaced topic is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import msgspec
import structlog
from aiokafka.errors import KafkaError

from liveprofile.streams.errors import SetupError
from liveprofile.streams.runtime.partition_state import StateReadError, read_partition
from liveprofile.streams.runtime.topic_ids import Identity
from liveprofile.streams.transport.connection import Bootstrap

if TYPE_CHECKING:
    from liveprofile.streams.runtime.outbox import KafkaOutbox

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 2.0
_OF_A_REBUILD = "profiles would begin again from nothing, under versions that were given before"
"""The consequence for topics that only the lineage names: those of later generations of the state."""


class FoldedWith(msgspec.Struct, frozen=True):
    """What a rebuild folds a generation of the state with."""

    config: str
    """Digest of the profile settings."""
    program: str
    """Version of the program."""
    switched: bool = False
    """Whether `activity` has been told to go on with it."""


class Entry(msgspec.Struct, frozen=True):
    """A topic's entry: the JSON value of its record in the lineage topic; the key is the topic's name."""

    topic_id: str
    partitions: int
    generation: int = 0
    """How often the topic was replaced and an operator accepted the new one."""
    folded: FoldedWith | None = None
    """Of a state topic made by a rebuild: the folded logs and the policy."""
    layout: int = 0
    """Number of the layout in which its records are written; 0: the oldest that is read, for the sake of workers of
    an older version. `liveprofile upgrade --finish` sets it."""
    key_check: str = ""
    """Of the lineage topic itself: the check value of the pseudonym key, see `key_check`."""
    key_number: int = 0
    """How often the key was replaced."""
    rules: dict[str, str] = {}
    """Of the lineage topic itself: SHA-256 of every published rule file, by its name and version."""

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


async def read_entries(bootstrap: Bootstrap, topic: str) -> dict[str, Entry]:
    """The entries of the lineage topic, by topic name. Raises `StateReadError` if it is missing."""
    entries: dict[str, Entry] = {}
    async for records in read_partition(bootstrap, topic, 0):
        for key, value, _ in records:
            if key and value:
                entries[key.decode()] = msgspec.json.decode(value, type=Entry)
            elif key:
                entries.pop(key.decode(), None)
    return entries


async def write_entries(outbox: KafkaOutbox, topic: str, entries: Mapping[str, Entry]) -> None:
    """Write entries to the lineage topic."""
    await outbox.send(topic, 0, [(name.encode(), msgspec.json.encode(entry), ()) for name, entry in entries.items()])


async def write_own_entry(outbox: KafkaOutbox, bootstrap: Bootstrap, topic: str, **changes: Any) -> None:
    """Write the entry of the lineage topic about itself, with changes to its fields; what else it says stays."""
    found = (await outbox.identities([topic]))[topic]
    before = (await read_entries(bootstrap, topic)).get(topic) or Entry(found.topic_id, found.partitions)
    entry = msgspec.structs.replace(before, topic_id=found.topic_id, partitions=found.partitions, **changes)
    await write_entries(outbox, topic, {topic: entry})


async def forget_entry(outbox: KafkaOutbox, topic: str, name: str) -> None:
    """Remember a topic no longer."""
    await outbox.send(topic, 0, [(name.encode(), None, ())])


class Lineage:
    """Checks that topics are those the state was made from, at the start and while running.

    Every worker checks all of them, whatever its stages, because they share the state. Ids are in a separate topic and
    not in the group's offsets, because Kafka drops offsets together with the topic or the group.
    """

    def __init__(
        self,
        outbox: KafkaOutbox,
        bootstrap: Bootstrap,
        topic: str,
        consequences: Mapping[str, str],
        layouts: Mapping[str, int] | None = None,
    ) -> None:
        """`topic` is the lineage topic; empty: nothing is checked. `consequences` has the checked topics, each with
        what would happen if it was silently replaced. `layouts` has the newest layout known here, by topic.
        """
        self._outbox = outbox
        self._bootstrap = bootstrap
        self._topic = topic
        self._consequences = {**consequences, topic: "a replacement of other topics would not be noticed"}
        self._layouts = layouts or {}
        self._entries: dict[str, Entry] = {}

    def generation(self, topic: str) -> int:
        """How often the topic was replaced and accepted."""
        entry = self._entries.get(topic)
        return entry.generation if entry else 0

    def topic_id(self, topic: str) -> str:
        """Kafka's id of a checked topic; empty if ids are not checked."""
        entry = self._entries.get(topic)
        return entry.topic_id if entry else ""

    def layout(self, topic: str) -> int:
        """Number of the layout in which records of the topic are to be written; 0 where none was agreed on."""
        entry = self._entries.get(topic)
        return entry.layout if entry else 0

    async def begin(self) -> None:
        """Check known topics, and write entries of new ones. `SetupError` if a topic was replaced.

        A new application has no older workers: its topics are written in the newest layout at once.
        """
        if not self._topic:
            return
        self._entries = await read_entries(self._bootstrap, self._topic)
        found = await self._look()
        self._check(found, self._entries)
        self._check_layouts()
        new = {name: self._new_entry(name, one) for name, one in found.items() if name not in self._entries}
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
                await self._forget_abandoned(found)
            except (KafkaError, OSError, StateReadError):
                continue
            before, missing = missing, self._entries.keys() - found.keys()
            self._check(found, self._entries.keys() - (missing - before))

    async def _forget_abandoned(self, found: Mapping[str, Identity]) -> None:
        """A generation of the state whose rebuild was abandoned may go while workers run."""
        later = self._entries.keys() - self._consequences.keys()
        if any(self._entries[name].difference(found.get(name)) for name in later):
            still = await read_entries(self._bootstrap, self._topic)
            for name in later - still.keys():
                del self._entries[name]

    async def _look(self) -> dict[str, Identity]:
        try:
            return await self._outbox.identities({*self._consequences, *self._entries})
        except NotImplementedError as error:
            raise SetupError(
                f"Kafka at {self._bootstrap} does not return the ids of topics", "Use Apache Kafka 3.1 or newer."
            ) from error

    def _check(self, found: Mapping[str, Identity], names: Collection[str]) -> None:
        for name in sorted(names):
            if difference := self._entries[name].difference(found.get(name)):
                consequence = self._consequences.get(name, _OF_A_REBUILD)
                raise SetupError(
                    f"topic {name!r} {difference} since profiles were made from it: {consequence}",
                    f"Stop all workers. Restore the old topic, or run `liveprofile topics accept {name}`: it "
                    "accepts the new topic if that is safe, and otherwise says what to do.",
                )

    def _new_entry(self, name: str, found: Identity) -> Entry:
        return Entry(found.topic_id, found.partitions, layout=self._layouts.get(name, 0))

    def _check_layouts(self) -> None:
        for name, newest in self._layouts.items():
            if self.layout(name) > newest:
                raise SetupError(
                    f"topic {name!r} is written in layout {self.layout(name)} by a newer program, and this one reads "
                    f"layouts up to {newest}",
                    "Upgrade this worker. Nothing was changed, and workers of the newer version go on.",
                )
