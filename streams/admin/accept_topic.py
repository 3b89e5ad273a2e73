"""Accepts a topic that replaced another of its name, with the steps that make it safe, or refuses it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.errors import CommitFailedError, KafkaError

from liveprofile.profiles.fold.cursor import CURSOR_KEY, Cursor
from liveprofile.profiles.records.activity import GENERATIONS
from liveprofile.profiles.state.generation import FIRST, STATE_GENERATION, AdoptedGeneration
from liveprofile.streams.admin.topics import TopicError
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import NoKafkaError
from liveprofile.streams.runtime.lineage import Entry, FoldedWith, read_entries, write_entries
from liveprofile.streams.runtime.outbox import KafkaOutbox
from liveprofile.streams.runtime.topic_ids import Identity
from liveprofile.streams.transport.connection import Bootstrap, client_arguments, consumer_arguments, no_kafka
from liveprofile.streams.transport.record import Item

Offsets = Mapping[TopicPartition, int]
ANEW = (
    "Restore the topic from a backup with its offsets, or make the profiles from the inputs again: see Begin anew in "
    "docs/operations.md."
)


@dataclass(frozen=True, slots=True)
class Step:
    """The difference between a topic that profiles were made from and the present topic of its name."""

    topic: str
    difference: str | None
    """As words; None if there is no difference, or no entry in the lineage yet."""
    is_known: bool = True
    """Whether the lineage has an entry of it."""


async def compare(bootstrap: Bootstrap, topics: Topics) -> list[Step]:
    """Every checked topic with its difference. TopicError if Kafka or the lineage topic is missing."""
    async with _Group(bootstrap, topics) as group:
        return [
            Step(name, await group.difference(name), name in group.entries)
            for name in dict.fromkeys([*topics.remembered, *group.entries])
        ]


async def accept(bootstrap: Bootstrap, topics: Topics, name: str) -> str:
    """Accept the topic called `name`; returns what was done, in words. No worker may run.

    Offsets are set before the lineage is written. After an interruption, workers still refuse the topic, and the
    command can be run again. Raises TopicError if nothing is wrong, if workers run, or if profiles would be corrupted.
    """
    if name.startswith(f"{topics.state}."):
        raise TopicError(f"Topic {name} is a state that was rebuilt, and what was carried over is in no log.", ANEW)
    if name not in topics.remembered:
        raise TopicError(f"Profiles are not made from topic {name}.", f"Those are: {', '.join(topics.remembered)}.")
    async with _Group(bootstrap, topics) as group:
        difference = await group.difference(name)
        if difference is None:
            raise TopicError(f"Topic {name} is the same that profiles were made from.", "There is nothing to accept.")
        entry, found = group.entries[name], group.found.get(name)
        if found is None:
            raise TopicError(f"Topic {name} {difference}.", "Create it first: liveprofile topics create.")
        if found.partitions != entry.partitions and name not in topics.inputs:
            raise TopicError(f"Topic {name} {difference}, so keys would move between partitions.", ANEW)
        if found.topic_id == entry.topic_id and found.partitions != entry.partitions:
            await group.remember(name, entry.generation)
            return "its new partitions are also read"
        return await _replace(group, name)


async def _replace(group: _Group, name: str) -> str:
    """Replace the old topic by the new one, with the steps for its kind."""
    topics, generation = group.topics, group.entries[name].generation + 1
    if generation >= GENERATIONS:
        raise TopicError(f"Topic {name} was replaced {GENERATIONS} times, which is the limit.", ANEW)
    if name == topics.state:
        return await (_point_on(group) if group.generations else _fold_again(group))
    if name == topics.activity:
        await group.empty(name)
        await group.commit(await group.first(*topics.inputs))
        done = "it begins empty; inputs are read again from their beginning, and already folded events are dropped"
    elif name == topics.models:
        await group.commit(await group.first(topics.examples))
        done = "models are learnt anew from the remaining examples, with new version numbers"
    elif group.replaced(name):
        await group.commit(await group.first(name))
        done = "it is read from its beginning"
    else:
        await group.commit(await group.end(name))
        done = "it is read from its end; lost records are not recovered"
    await group.remember(name, generation)
    return done


async def _fold_again(group: _Group) -> str:
    """Reset the state so that profiles are folded again from `activity`, byte for byte; it must be complete."""
    topics = group.topics
    first = await group.first(topics.activity)
    if any(first.values()) or group.entries[topics.activity].generation:
        raise TopicError(
            f"Topic {topics.state} was replaced, and {topics.activity} no longer has all activities of its profiles.",
            ANEW,
        )
    await group.commit(first)
    await group.remember(topics.state, 0)
    return f"all profiles are folded again from {topics.activity}, which is complete"


async def _point_on(group: _Group) -> str:
    """The first state topic of an application that has gone on to another generation only says which."""
    newest, folded = group.generations[-1]
    await group.commit(await group.first(group.topics.state))  # fails while workers run
    cursor = Cursor(adopted={STATE_GENERATION: AdoptedGeneration.of(newest, folded.config, folded.program)})
    await group.write_all(group.topics.state, (CURSOR_KEY, cursor.encode(), ()))
    await group.remember(group.topics.state, 0)
    return f"its cursors point at generation {newest} of the state again, which is in {group.topics.state_of(newest)}"


class _Group:
    """The application's consumer group, without members, and its lineage."""

    def __init__(self, bootstrap: Bootstrap, topics: Topics) -> None:
        self.topics = topics
        self.entries: dict[str, Entry] = {}
        self.found: dict[str, Identity] = {}
        self._bootstrap = bootstrap
        self._outbox = KafkaOutbox(bootstrap)
        self._consumer = AIOKafkaConsumer(
            **consumer_arguments(bootstrap), group_id=topics.group, enable_auto_commit=False
        )

    async def __aenter__(self) -> Self:
        try:
            await self._outbox.__aenter__()
            self.found = await self._outbox.identities([*self.topics.remembered, self.topics.lineage])
        except (KafkaError, OSError, NoKafkaError) as problem:
            await self._consumer.stop()
            await self._outbox.__aexit__(None, None, None)
            raise no_kafka(
                self._bootstrap, "Start one with `liveprofile broker start`, or correct --bootstrap."
            ) from problem
        if self.topics.lineage in self.found:
            self.entries = await read_entries(self._bootstrap, self.topics.lineage)
            self.found |= await self._outbox.identities(self.entries)
        await self._consumer.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._consumer.stop()
        await self._outbox.__aexit__(None, None, None)

    @property
    def generations(self) -> list[tuple[int, FoldedWith]]:
        """The later generations of the state that a switch has put in force."""
        numbered = ((n, self.entries.get(self.topics.state_of(n))) for n in range(FIRST + 1, len(self.entries) + 2))
        return [(n, entry.folded) for n, entry in numbered if entry and entry.folded and entry.folded.switched]

    async def write_all(self, name: str, item: Item) -> None:
        """Write a record to each partition of a topic."""
        for number in range(self.found[name].partitions):
            await self._outbox.send(name, number, [item])

    def replaced(self, name: str) -> bool:
        """Whether the topic has a new id."""
        return self.entries[name].topic_id != self.found[name].topic_id

    async def difference(self, name: str) -> str | None:
        """As `Entry.difference`, and also records that were read and then lost."""
        entry = self.entries.get(name)
        if entry is None:
            return None
        return entry.difference(self.found.get(name)) or await self._cut_short(name)

    async def _cut_short(self, name: str) -> str | None:
        ends = await self.end(name)
        read = await asyncio.gather(*(self._consumer.committed(place) for place in ends))
        lost = sum(max(0, (offset or 0) - end) for offset, end in zip(read, ends.values(), strict=True))
        return f"lost {lost} records that were read" if lost else None

    async def first(self, *names: str) -> Offsets:
        """The first offset of each partition."""
        return dict(await self._consumer.beginning_offsets(self._places(*names)))

    async def end(self, *names: str) -> Offsets:
        """The end of each partition."""
        return dict(await self._consumer.end_offsets(self._places(*names)))

    def _places(self, *names: str) -> list[TopicPartition]:
        return [TopicPartition(name, at) for name in names for at in range(self.found[name].partitions)]

    async def commit(self, offsets: Offsets) -> None:
        """Set the group's offsets; TopicError if it has members."""
        self._consumer.assign(list(offsets))
        try:
            await self._consumer.commit(dict(offsets))
        except CommitFailedError as error:
            raise TopicError(
                f"Workers of {self.topics.group} are running, or one ended less than its session ago.",
                "Stop all of them, wait for worker.session_timeout_s, then run this again.",
            ) from error

    async def empty(self, name: str) -> None:
        """Delete all records of a topic: workers may have written some before they noticed the replacement."""
        ends = await self.end(name)
        await self.commit(ends)  # first: it fails while workers run
        admin = AIOKafkaAdminClient(**client_arguments(self._bootstrap))
        await admin.start()
        try:
            await admin.delete_records({place: RecordsToDelete(end) for place, end in ends.items() if end})
        finally:
            await admin.close()

    async def remember(self, name: str, generation: int) -> None:
        """Write the lineage entry; workers can start afterwards."""
        found = self.found[name]
        entry = Entry(found.topic_id, found.partitions, generation, layout=self.entries[name].layout)
        await write_entries(self._outbox, self.topics.lineage, {name: entry})
