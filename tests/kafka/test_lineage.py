"""A topic that is not the one it was is refused by name, at the start and while running, until it is accepted."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from click.testing import CliRunner
from support.topics import add_partitions, begun, expire, recreate

from liveprofile.profiles.records.activity import LAYOUT
from liveprofile.streams.admin.accept_topic import accept, compare
from liveprofile.streams.admin.topics import TopicError, create_topics
from liveprofile.streams.cli.main import main
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import SetupError
from liveprofile.streams.runtime.earlier_application import refuse_earlier
from liveprofile.streams.runtime.lineage import Entry, read_entries, write_entries
from liveprofile.streams.runtime.outbox import KafkaOutbox

pytestmark = pytest.mark.kafka


@pytest.fixture
async def topics(new_topics: Callable[..., Awaitable[Topics]]) -> Topics:
    """Two partitions of everything."""
    return await new_topics(partitions=2)


async def test_the_first_worker_remembers_and_the_next_finds_all_as_it_was(bootstrap, topics, outbox) -> None:
    await begun(outbox, bootstrap, topics)
    assert (await read_entries(bootstrap, topics.lineage)).keys() == topics.remembered.keys()
    assert (await begun(outbox, bootstrap, topics)).generation(topics.clicks) == 0
    assert {step.difference for step in await compare(bootstrap, topics)} == {None}


async def test_a_new_application_begins_with_the_newest_layout_and_an_older_one_is_asked_first(
    bootstrap, topics, outbox
) -> None:
    """Entries of an older version have no layout: its workers may still be there, and read the oldest one only."""
    assert (await begun(outbox, bootstrap, topics)).layout(topics.activity) == LAYOUT
    entries = await read_entries(bootstrap, topics.lineage)
    older = {name: Entry(one.topic_id, one.partitions) for name, one in entries.items()}
    await write_entries(outbox, topics.lineage, older)
    assert (await begun(outbox, bootstrap, topics)).layout(topics.activity) == 0


async def test_a_worker_refuses_a_topic_that_newer_ones_write(bootstrap, topics, outbox) -> None:
    await begun(outbox, bootstrap, topics)
    entry = (await read_entries(bootstrap, topics.lineage))[topics.activity]
    newer = Entry(entry.topic_id, entry.partitions, layout=LAYOUT + 1)
    await write_entries(outbox, topics.lineage, {topics.activity: newer})
    with pytest.raises(SetupError, match=rf"written in layout {LAYOUT + 1} by a newer program.*Upgrade this worker"):
        await begun(outbox, bootstrap, topics)


@pytest.mark.parametrize("kind", ["clicks", "activity", "state", "examples", "models"])
async def test_a_recreated_topic_is_refused_at_the_start(bootstrap, topics, outbox, kind) -> None:
    await begun(outbox, bootstrap, topics)
    name = getattr(topics, kind)
    await recreate(bootstrap, topics, name)
    with pytest.raises(SetupError, match=rf"'{name}' was deleted and created again.*topics accept {name}"):
        await begun(outbox, bootstrap, topics)
    assert [step.topic for step in await compare(bootstrap, topics) if step.difference] == [name]


async def test_a_running_worker_notices_within_seconds(bootstrap, topics, outbox) -> None:
    lineage = await begun(outbox, bootstrap, topics)
    looking = asyncio.create_task(lineage.keep_looking())
    await asyncio.sleep(0)
    await recreate(bootstrap, topics, topics.searches)
    with pytest.raises(SetupError, match=f"'{topics.searches}' was deleted and created again"):
        await asyncio.wait_for(looking, 8)


async def test_a_topic_with_more_partitions_is_refused_and_an_input_can_be_accepted(bootstrap, topics, outbox) -> None:
    await begun(outbox, bootstrap, topics)
    for name in (topics.purchases, topics.activity):
        await add_partitions(bootstrap, topics, name, 3)
        with pytest.raises(SetupError, match=f"'{name}' has 3 partitions, it had 2"):
            await begun(outbox, bootstrap, topics)
        if name == topics.purchases:
            await accept(bootstrap, topics, name)
            assert (await begun(outbox, bootstrap, topics)).generation(name) == 0
    with pytest.raises(TopicError, match="see Begin anew"):
        await accept(bootstrap, topics, topics.activity)


async def test_each_accepted_input_is_a_new_generation_read_from_its_beginning(bootstrap, topics, outbox) -> None:
    generations = [(await begun(outbox, bootstrap, topics)).generation(topics.clicks)]
    for _ in range(2):
        await recreate(bootstrap, topics, topics.clicks)
        await outbox.send(topics.clicks, 1, [(None, b"{}", ())] * 3)
        await accept(bootstrap, topics, topics.clicks)
        generations.append((await begun(outbox, bootstrap, topics)).generation(topics.clicks))
    assert all(later == earlier + 1 for earlier, later in pairwise(generations))


async def test_nothing_is_accepted_while_a_worker_is_in_the_group(bootstrap, topics, outbox) -> None:
    await begun(outbox, bootstrap, topics)
    await recreate(bootstrap, topics, topics.clicks)
    member = AIOKafkaConsumer(topics.searches, bootstrap_servers=bootstrap, group_id=topics.group)
    await member.start()
    try:
        with pytest.raises(TopicError, match="Stop all of them"):
            await accept(bootstrap, topics, topics.clicks)
    finally:
        await member.stop()
    with pytest.raises(SetupError):
        await begun(outbox, bootstrap, topics)


async def test_what_is_as_it_was_or_cannot_be_made_good_is_not_accepted(bootstrap, topics, outbox) -> None:
    await begun(outbox, bootstrap, topics)
    with pytest.raises(TopicError, match="nothing to accept"):
        await accept(bootstrap, topics, topics.clicks)
    with pytest.raises(TopicError, match="Profiles are not made from topic"):
        await accept(bootstrap, topics, topics.profile_changes)
    await outbox.send(topics.activity, 0, [(None, b"", ())] * 9)
    await expire(bootstrap, topics.activity, 0, 4)
    await recreate(bootstrap, topics, topics.state)
    with pytest.raises(TopicError, match=r"no longer has all activities of its profiles.*see Begin anew"):
        await accept(bootstrap, topics, topics.state)


async def test_the_command_shows_what_is_wrong_accepts_it_and_then_finds_all_well(bootstrap, topics, outbox) -> None:
    environment = {
        "LIVEPROFILE_APP_ID": topics.app_id,
        "LIVEPROFILE_BOOTSTRAP": bootstrap,
        "LIVEPROFILE_TOPIC_PREFIX": topics.prefix,
        "LIVEPROFILE_PARTITIONS": "2",
    }

    async def run(*words: str) -> tuple[int, str]:
        result = await asyncio.to_thread(CliRunner().invoke, main, ["topics", *words], env=environment)
        return result.exit_code, result.output

    await begun(outbox, bootstrap, topics)
    await recreate(bootstrap, topics, topics.models)
    code, told = await run("check")
    assert code == 3 and f"{topics.models}  was deleted and created again" in told
    code, told = await run("accept", topics.models)
    assert code == 0 and f"accepted {topics.models}: models are learnt anew" in told
    assert (await run("check"))[0] == 0
    code, told = await run("accept", topics.models)
    assert code == 3 and "There is nothing to accept" in told


@pytest.fixture
async def earlier(bootstrap: str, app_id: str, outbox: KafkaOutbox) -> Topics:
    """Topics and lineage of an application whose internal topics have no prefix."""
    topics = Topics(app_id, 2, f"{app_id}-", prefix_internal=False)
    await create_topics(bootstrap, topics)
    await begun(outbox, bootstrap, topics)
    return topics


async def test_an_application_from_before_internal_topics_had_the_prefix_is_not_begun_anew(
    bootstrap: str, earlier: Topics, outbox: KafkaOutbox
) -> None:
    environment = {
        "LIVEPROFILE_APP_ID": earlier.app_id,
        "LIVEPROFILE_BOOTSTRAP": bootstrap,
        "LIVEPROFILE_TOPIC_PREFIX": earlier.prefix,
        "LIVEPROFILE_PARTITIONS": "2",
    }

    async def create(**more: str) -> Any:
        return await asyncio.to_thread(CliRunner().invoke, main, ["topics", "create"], env=environment | more)

    refused = await create()
    assert refused.exit_code == 3
    assert f"{earlier.state} and others" in refused.output and "prefix_internal_topics = false" in refused.output
    assert "0 of them are new" in (await create(LIVEPROFILE_PREFIX_INTERNAL_TOPICS="false")).output
    now = replace(earlier, prefix_internal=True)
    with pytest.raises(SetupError, match="an earlier version made them"):
        await refuse_earlier(outbox, bootstrap, now.earlier_lineage, now.remembered)
    other = replace(now, prefix=f"{earlier.app_id}-b-")
    await refuse_earlier(outbox, bootstrap, other.earlier_lineage, other.remembered)  # another shop begins


async def test_shops_that_an_earlier_version_mixed_are_told_of_each_other(
    bootstrap: str, earlier: Topics, outbox: KafkaOutbox
) -> None:
    second = replace(earlier, prefix=f"{earlier.app_id}-b-")
    await create_topics(bootstrap, second)
    await begun(outbox, bootstrap, second)
    now = replace(second, prefix_internal=True)
    with pytest.raises(SetupError, match=f"They also have those of {earlier.clicks}: shops were mixed there"):
        await refuse_earlier(outbox, bootstrap, now.earlier_lineage, now.remembered)
