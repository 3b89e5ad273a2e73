"""Two applications on one cluster: topics belong to the first one, and the other one needs its own prefix."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaProducer
from support.secured.suite import needs_sight_of_others
from support.topics import begun
from support.worker import Workers

from liveprofile.streams.admin.topics import create_topics
from liveprofile.streams.contract.topics import Topic, Topics
from liveprofile.streams.query.reader import open_reader
from liveprofile.streams.runtime.lineage import read_entries, write_entries
from liveprofile.streams.runtime.outbox import KafkaOutbox
from liveprofile.streams.runtime.ownership import OtherApplicationError, refuse_others
from tests.kafka.test_erase_command import drained, environment, liveprofile
from tests.support.rules import rule_text

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]


async def check(outbox: KafkaOutbox, bootstrap: str, topics: Topics) -> None:
    await refuse_others(outbox, bootstrap, topics.lineage, topics.remembered)


async def written(bootstrap: str, topics: Topics) -> dict[str, int]:
    """Records of every topic of an application."""
    async with open_reader(bootstrap) as reader:
        names = [topic.name for topic in topics.all() if reader.has(topic.name)]
        ends = await reader.ends(reader.places(names))
    return {name: sum(end for place, end in ends.items() if place.topic == name) for name in names}


@needs_sight_of_others
async def test_a_second_application_on_the_same_topics_is_refused_and_writes_nothing(
    bootstrap: str,
    new_topics: Callable[..., Awaitable[Topics]],
    outbox: KafkaOutbox,
    model_folder: Path,
    tmp_path: Path,
) -> None:
    first = await new_topics(partitions=1)
    await begun(outbox, bootstrap, first)
    second = replace(first, app_id=f"{first.app_id}-b")
    before = await written(bootstrap, second)
    names = environment(bootstrap, second, tmp_path, model_folder)
    refused = liveprofile(names, "topics", "create")
    assert refused.returncode == 3
    assert await written(bootstrap, second) == before
    await create_topics(bootstrap, second)  # as an earlier version did
    before = await written(bootstrap, second)
    rules, events = tmp_path / "mine.toml", tmp_path / "events.jsonl"
    rules.write_text(rule_text("session.carts >= 3", version=2))
    events.write_bytes(orjson.dumps({"topic": "clicks", "user_id": "u", "title": "Red Vase", "action": "view"}) + b"\n")
    for command in (
        ("worker",),
        ("replay", str(events), "--format", "jsonl"),
        ("traffic", "--events", "10"),
        ("erase", "u-1", "--yes", "--unknown"),
        ("segments", "publish", str(rules), "--yes"),
        ("rebuild", "--beside"),
    ):
        refused = liveprofile(names, *command)
        assert refused.returncode == 3, (command, refused.stderr)
        assert f"belong to the application '{first.group}'" in refused.stderr
        assert f'topic_prefix = "{second.group}-"' in refused.stderr
    assert await written(bootstrap, second) == before


async def test_with_a_prefix_of_its_own_a_second_application_runs_beside_the_first(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]], model_folder: Path, tmp_path: Path
) -> None:
    first = await new_topics(partitions=1)
    second = Topics(f"{first.app_id}-b", 1, f"{first.app_id}-b-")
    shops = {}
    for topics in (first, second):
        folder = tmp_path / topics.app_id
        folder.mkdir()
        shops[topics] = environment(bootstrap, topics, folder, model_folder)
    workers = [Workers(names, Path(names["LIVEPROFILE_DATA_DIR"])) for names in shops.values()]
    assert liveprofile(shops[second], "topics", "create").returncode == 0
    try:
        running = [await asyncio.to_thread(one.start, "ingest,profile") for one in workers]
        async with AIOKafkaProducer(bootstrap_servers=bootstrap) as producer:
            for topics, count in ((first, 4), (second, 6)):
                for _ in range(count):
                    click = {"user_id": "u-1", "title": "Red Vase", "category": "home/decor", "action": "cart"}
                    await producer.send(topics.clicks, orjson.dumps(click), key=b"u-1")
        for topics in shops:
            await drained(bootstrap, topics)
        for one, process in zip(workers, running, strict=True):
            await asyncio.to_thread(one.stop, process)
    finally:
        for one in workers:
            one.kill_all()
    shown = [liveprofile(names, "show", "--user", "u-1", "--json") for names in shops.values()]
    assert [orjson.loads(one.stdout)["events"]["total"] for one in shown] == [4, 6], shown


async def test_of_two_applications_that_share_topics_already_the_first_one_goes_on(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]], outbox: KafkaOutbox
) -> None:
    first = await new_topics(partitions=1)
    second = replace(first, app_id=f"{first.app_id}-a")  # sorts before the first one
    await create_topics(bootstrap, second)
    for topics in (first, second):
        await begun(outbox, bootstrap, topics)
        await asyncio.sleep(0.01)
    await check(outbox, bootstrap, first)
    with pytest.raises(OtherApplicationError, match=f"delete its topic {first.lineage}"):
        await check(outbox, bootstrap, second)
    entries = await read_entries(bootstrap, first.lineage)
    await write_entries(outbox, first.lineage, {first.clicks: entries[first.clicks]})  # as `topics accept` does
    await check(outbox, bootstrap, first)


async def test_a_topic_of_another_system_with_such_a_name_is_no_owner(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]], outbox: KafkaOutbox
) -> None:
    topics = await new_topics(partitions=1)
    foreign = f"warehouse-{topics.app_id}.lineage"
    await create_topics(bootstrap, [Topic(foreign, 1)])
    await outbox.send(foreign, 0, [(topics.clicks.encode(), b'{"job": 1}', ()), (None, b"\xff", ()), (b"k", None, ())])
    await check(outbox, bootstrap, topics)
    await begun(outbox, bootstrap, topics)
    await check(outbox, bootstrap, topics)
