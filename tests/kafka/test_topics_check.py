"""`topics check` finds what is missing, what has another shape, and what belongs to another application."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from support.secured.suite import needs_sight_of_others
from support.topics import add_partitions, begun, recreate

from liveprofile.streams.admin.topics import create_topics
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.runtime.outbox import KafkaOutbox
from tests.kafka.test_topic_shape import run

pytestmark = pytest.mark.kafka


async def test_without_any_topic_every_one_is_missing(bootstrap: str, app_id: str, tmp_path: Path) -> None:
    topics = Topics(app_id, 2, f"{app_id}-")
    told = await run(bootstrap, topics, tmp_path, "topics", "check")
    assert told.exit_code == 3
    assert [line for line in told.output.splitlines() if line.endswith("  missing")] == [
        f"{topic.name}  missing" for topic in topics.all()
    ]
    assert "liveprofile topics create" in told.output
    as_json = orjson.loads((await run(bootstrap, topics, tmp_path, "topics", "check", "--json")).stdout)
    assert (as_json["ok"], {one["state"] for one in as_json["topics"]}) == (False, {"missing"})


async def test_one_missing_or_misshapen_topic_is_named_and_an_input_may_have_more_partitions(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]], tmp_path: Path
) -> None:
    topics = await new_topics(partitions=2)
    await add_partitions(bootstrap, topics, topics.clicks, 3)
    fine = await run(bootstrap, topics, tmp_path, "topics", "check")
    assert (fine.exit_code, fine.output.count("  there")) == (0, len(topics.all()))
    await add_partitions(bootstrap, topics, topics.profiles, 3)
    told = await run(bootstrap, topics, tmp_path, "topics", "check")
    assert (told.exit_code, f"{topics.profiles}  has 3 partitions instead of 2" in told.output) == (3, True)


@needs_sight_of_others
async def test_a_made_up_application_has_no_topics_and_those_of_another_are_not_its_own(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]], outbox: KafkaOutbox, tmp_path: Path
) -> None:
    topics = await new_topics(partitions=2)
    await begun(outbox, bootstrap, topics)
    assert "  unchanged" in (await run(bootstrap, topics, tmp_path, "topics", "check")).output
    made_up = replace(topics, app_id=f"{topics.app_id}-typo")
    told = await run(bootstrap, made_up, tmp_path, "topics", "check")
    assert told.exit_code == 3
    assert f"{made_up.activity}  missing" in told.output
    assert f"belong to the application '{topics.group}'" in told.output
    await create_topics(bootstrap, made_up)
    as_json = await run(bootstrap, made_up, tmp_path, "topics", "check", "--json")
    found = orjson.loads(as_json.stdout)
    assert (as_json.exit_code, found["ok"], topics.group in found["refused"]) == (3, False, True)


async def test_create_and_accept_say_for_a_program_what_they_did(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]], outbox: KafkaOutbox, tmp_path: Path
) -> None:
    topics = await new_topics(partitions=2)
    await begun(outbox, bootstrap, topics)
    made = orjson.loads((await run(bootstrap, topics, tmp_path, "topics", "create", "--json")).stdout)
    assert (made["created"], len(made["topics"])) == ([], len(topics.all()))
    await recreate(bootstrap, topics, topics.models)
    done = orjson.loads((await run(bootstrap, topics, tmp_path, "topics", "accept", topics.models, "--json")).stdout)
    assert (done["topic"], done["done"].startswith("models are learnt anew")) == (topics.models, True)
