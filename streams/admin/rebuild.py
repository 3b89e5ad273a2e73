"""A rebuild beside the group that serves: how far it is, how it begins, how it is switched over or abandoned."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from liveprofile.profiles.fold.cursor import CURSOR_KEY, generation_of
from liveprofile.profiles.records.activity import Kind, control_record
from liveprofile.profiles.state.generation import FIRST, AdoptedGeneration
from liveprofile.streams.admin.consumer_groups import GroupReader, group_reader
from liveprofile.streams.admin.topics import TopicError, create_topics, list_topics, refuse_second
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.runtime.lineage import Entry, FoldedWith, forget_entry, read_entries, write_entries
from liveprofile.streams.runtime.outbox import KafkaOutbox
from liveprofile.streams.runtime.partition_state import read_partition
from liveprofile.streams.stages.profile.stage import SWITCH_KEY
from liveprofile.streams.transport.connection import Bootstrap

CAUGHT_UP_S = 20.0
"""A rebuild has caught up if it reaches within so long what `activity` holds now."""
LOOK_S = 0.5


class BehindError(TopicError):
    """The rebuild has not caught up, so it cannot be switched to yet."""

    next_step = "Wait until the rebuild has no lag: liveprofile rebuild --status."


@dataclass(frozen=True, slots=True)
class Part:
    """One partition of `activity`."""

    number: int
    first: int
    """The first offset that the log still has."""
    end: int
    folded: int
    """The offset up to which the rebuild has folded it."""
    serving: int
    """The generation of the state that serves."""

    @property
    def lag(self) -> int:
        """Records that the rebuild has not folded."""
        return max(0, self.end - self.folded)


@dataclass(frozen=True, slots=True)
class Status:
    """How far an application's rebuild is."""

    newest: int
    """The newest generation that a switch has put in force."""
    building: int | None
    """The generation that is being folded; None without a rebuild."""
    parts: tuple[Part, ...]

    @property
    def switching(self) -> tuple[int, ...]:
        """Partitions whose worker has not come to the last switch."""
        return tuple(part.number for part in self.parts if part.serving < self.newest)

    @property
    def lag(self) -> int:
        """Records of all partitions that the rebuild has not folded."""
        return sum(part.lag for part in self.parts)


async def status(bootstrap: Bootstrap, topics: Topics, *, serving: bool = True) -> Status:
    """How far the rebuild is, and which generation serves where. TopicError where topics are missing.

    Without `serving` state topics are not read: the newest generation counts as serving everywhere.
    """
    async with group_reader(bootstrap, topics.activity, topics.partitions) as groups:
        return await _status(bootstrap, topics, groups, serving)


async def _status(bootstrap: Bootstrap, topics: Topics, groups: GroupReader, read: bool = True) -> Status:
    entries = await _entries(bootstrap, topics)
    newest, building = _generations(topics, entries)
    first, end = await groups.first(), await groups.end()
    committed = await groups.committed(topics.rebuild_group(building or newest))
    numbers = range(topics.partitions)
    serving = [await _serving(bootstrap, topics, number, newest) if read else newest for number in numbers]
    rows = zip(first, end, committed, serving, strict=True)
    return Status(newest, building, tuple(Part(n, a, z, max(a, at or 0), s) for n, (a, z, at, s) in enumerate(rows)))


async def prepare(
    bootstrap: Bootstrap,
    topics: Topics,
    config: str,
    program: str,
    *,
    replication: int = 1,
    from_earliest: bool = False,
) -> int:
    """Make ready for workers that rebuild; gives the generation. A rebuild that was begun goes on.

    TopicError where the log no longer has what is to be folded, unless `from_earliest` accepts that it begins later,
    and where a rebuild under way was begun with another program or other settings. SetupError where the topics belong
    to another application.
    """
    await refuse_second(bootstrap, topics)
    entries = await _entries(bootstrap, topics)
    newest, building = _generations(topics, entries)
    async with group_reader(bootstrap, topics.activity, topics.partitions) as groups:
        if waiting := (await _status(bootstrap, topics, groups)).switching:
            raise TopicError(
                f"The switch to generation {newest} is under way: partitions {_numbers(waiting)} have not come to it.",
                "Start workers with the profile stage: they go on with the new state where the switch stands.",
            )
        generation = building or newest + 1
        name = topics.state_of(generation)
        if building is not None:
            _require_same(entries[name], generation, config, program)
        await _require_whole(groups, topics, generation, entries, from_earliest)
        if building is None and (await list_topics(bootstrap, [topics.state_topic(generation)]))[name] is not None:
            await groups.forget(topics.rebuild_group(generation))  # of a rebuild that was not quite abandoned
            await groups.delete(name)
            await _gone(bootstrap, topics, generation)
    await create_topics(bootstrap, [topics.state_topic(generation)], replication=replication)
    if building is None:
        async with KafkaOutbox(bootstrap) as outbox:
            found = (await outbox.identities([name]))[name]
            entry = Entry(found.topic_id, found.partitions, folded=FoldedWith(config, program))
            await write_entries(outbox, topics.lineage, {name: entry})
    return generation


async def switch(bootstrap: Bootstrap, topics: Topics, dims: int, now_ms: int, caught_up_s: float = CAUGHT_UP_S) -> int:
    """Put the rebuilt generation in force, at a place of each partition of `activity`; gives its number.

    Running it again does no harm: a second switch to a generation that serves changes nothing. TopicError where
    nothing is rebuilt, and where the rebuild has not caught up. SetupError where the topics belong to another
    application.
    """
    await refuse_second(bootstrap, topics)
    entries = await _entries(bootstrap, topics)
    newest, building = _generations(topics, entries)
    if building is None and newest == FIRST:
        raise TopicError("There is no rebuild to switch to.", "Begin one: liveprofile rebuild --beside.")
    generation = building or newest
    entry = entries[topics.state_of(generation)]
    folded = entry.folded
    if folded is None:
        raise TopicError(
            f"Topic {topics.state_of(generation)} was not made by a rebuild.", "Restore the lineage topic."
        )
    if building is not None:
        await _require_caught_up(bootstrap, topics, generation, caught_up_s)
    adopted = AdoptedGeneration.of(generation, folded.config, folded.program)
    record = control_record(Kind.SWITCH, now_ms, dims, adopted.record)
    async with KafkaOutbox(bootstrap, client_id="liveprofile-rebuild") as outbox:
        switched = msgspec.structs.replace(folded, switched=True)
        said = {topics.state_of(generation): msgspec.structs.replace(entry, folded=switched)}
        await write_entries(outbox, topics.lineage, said)  # first: from here on the rebuild cannot be abandoned
        for number in range(topics.partitions):
            await outbox.send(topics.activity, number, [(SWITCH_KEY, record, ())])
    return generation


async def until_served(bootstrap: Bootstrap, topics: Topics) -> None:
    """Wait until the workers have come to the switch in every partition."""
    while (await status(bootstrap, topics)).switching:  # noqa: ASYNC110 - the workers tell nobody
        await asyncio.sleep(LOOK_S)


async def abandon(bootstrap: Bootstrap, topics: Topics) -> int:
    """Delete what a rebuild has made; gives its generation. TopicError where there is none, and while it runs."""
    newest, building = _generations(topics, await _entries(bootstrap, topics))
    if building is None:
        raise TopicError(
            "There is no rebuild to abandon." if newest == FIRST else f"Generation {newest} of the state is in force.",
            "`liveprofile rebuild --status` shows which generation serves.",
        )
    async with group_reader(bootstrap, topics.activity, topics.partitions) as groups:
        await groups.forget(topics.rebuild_group(building))
        async with KafkaOutbox(bootstrap) as outbox:
            await forget_entry(outbox, topics.lineage, topics.state_of(building))
        await groups.delete(topics.state_of(building))
    return building


async def _entries(bootstrap: Bootstrap, topics: Topics) -> dict[str, Entry]:
    """What the lineage topic remembers. TopicError where a topic of the application is missing."""
    needed = [topic for topic in topics.all() if topic.name in (topics.activity, topics.lineage, topics.state)]
    found = await list_topics(bootstrap, needed)
    for topic in needed:
        if found[topic.name] != topic.partitions:
            raise TopicError(
                f"Topic {topic.name} has {found[topic.name] or 'no'} partitions, {topic.partitions} are expected.",
                "Check app_id, partitions and bootstrap; `liveprofile topics list` shows what there is.",
            )
    return await read_entries(bootstrap, topics.lineage)


def _generations(topics: Topics, entries: dict[str, Entry]) -> tuple[int, int | None]:
    """The newest generation that was put in force, and the one that is being folded, if there is one."""
    newest = FIRST
    while (entry := entries.get(topics.state_of(newest + 1))) is not None:
        if entry.folded is not None and not entry.folded.switched:
            return newest, newest + 1
        newest += 1
    return newest, None


async def _serving(bootstrap: Bootstrap, topics: Topics, number: int, newest: int) -> int:
    """The generation that serves a partition: each state topic that was left says by its cursor where to look."""
    generation = FIRST
    while generation < newest:
        cursor = None
        async for records in read_partition(bootstrap, topics.state_of(generation), number):
            cursor = next((value for key, value, _ in reversed(records) if key == CURSOR_KEY), cursor)
        adopted = generation_of(cursor) if cursor else None
        if adopted is None or adopted.generation <= generation:
            break
        generation = adopted.generation
    return generation


def _require_same(entry: Entry, generation: int, config: str, program: str) -> None:
    folded = entry.folded or FoldedWith("", "")
    if (folded.config, folded.program) != (config, program):
        raise TopicError(
            f"Generation {generation} was begun by liveprofile {folded.program} under profile settings "
            f"{folded.config}; this is liveprofile {program} with settings {config}.",
            "Go on with those, or begin anew: liveprofile rebuild --abandon.",
        )


async def _require_whole(
    groups: GroupReader, topics: Topics, generation: int, entries: dict[str, Entry], from_earliest: bool
) -> None:
    """Refuse where activities are gone that the rebuild would need."""
    first, committed = await groups.first(), await groups.committed(topics.rebuild_group(generation))
    behind = [n for n, (a, at) in enumerate(zip(first, committed, strict=True)) if at is not None and at < a]
    if behind:
        raise TopicError(
            f"{topics.activity} has lost activities that the rebuild has not folded yet, in partitions "
            f"{_numbers(behind)}.",
            "Raise its retention.ms; then `liveprofile rebuild --abandon`, and begin again.",
        )
    activity = entries.get(topics.activity)
    replaced = activity is not None and activity.generation > 0
    cut = [n for n, (a, at) in enumerate(zip(first, committed, strict=True)) if at is None and (a > 0 or replaced)]
    if cut and not from_earliest:
        gone = sum(first[number] for number in cut)
        raise TopicError(
            f"{topics.activity} no longer reaches back to its beginning: {gone} activities of partitions "
            f"{_numbers(cut)} are gone, and it begins on {await _begins(groups, cut)}.",
            "Profiles would lack what came before. Accept that with --from-earliest, or leave the state as it is.",
        )


async def _begins(groups: GroupReader, numbers: Sequence[int]) -> str:
    times = [time_ms for number in numbers if (time_ms := await groups.oldest_ms(number)) is not None]
    return datetime.fromtimestamp(max(times) / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC") if times else "nothing"


async def _require_caught_up(bootstrap: Bootstrap, topics: Topics, generation: int, within_s: float) -> None:
    """Refuse unless the rebuild reaches within a moment what the log holds now."""
    group, loop = topics.rebuild_group(generation), asyncio.get_running_loop()
    async with group_reader(bootstrap, topics.activity, topics.partitions) as groups:
        ends, deadline = await groups.end(), loop.time() + within_s
        while True:
            left = sum(max(0, end - (at or 0)) for end, at in zip(ends, await groups.committed(group), strict=True))
            if not left:
                return
            if loop.time() > deadline:
                raise BehindError(
                    f"The rebuild of generation {generation} is {left} records behind.",
                    "Let `liveprofile rebuild --beside` run until it has caught up, then switch.",
                )
            await asyncio.sleep(LOOK_S)


async def _gone(bootstrap: Bootstrap, topics: Topics, generation: int) -> None:
    """Wait until a deleted topic is not there any more."""
    topic = topics.state_topic(generation)
    while (await list_topics(bootstrap, [topic]))[topic.name] is not None:  # noqa: ASYNC110 - Kafka tells nobody
        await asyncio.sleep(LOOK_S)


def _numbers(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
