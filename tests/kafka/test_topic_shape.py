"""Topics that are not configured as profiles need them: a worker does not start on them, and the repair is told."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from click.testing import CliRunner, Result

from liveprofile.streams.cli.main import main
from liveprofile.streams.cli.worker import runtime_config
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import SetupError
from liveprofile.streams.runtime.runtime import Runtime
from liveprofile.streams.settings import Settings

pytestmark = pytest.mark.kafka

DAY_MS = 86_400_000


async def configure(bootstrap: str, topic: str, values: dict[str, str]) -> None:
    """Give a topic this configuration, and the broker's defaults otherwise."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, values)])
    finally:
        await admin.close()


async def run(bootstrap: str, topics: Topics, folder: Path, *words: str) -> Result:
    """Run a command."""
    environment = {
        "LIVEPROFILE_APP_ID": topics.app_id,
        "LIVEPROFILE_BOOTSTRAP": bootstrap,
        "LIVEPROFILE_TOPIC_PREFIX": topics.prefix,
        "LIVEPROFILE_PARTITIONS": str(topics.partitions),
        "LIVEPROFILE_DATA_DIR": str(folder),
        "LIVEPROFILE_PSEUDONYM_KEY": "0123456789abcdef0123456789abcdef",
        "COLUMNS": "300",
    }
    return await asyncio.to_thread(CliRunner().invoke, main, list(words), env=environment)


async def test_a_state_topic_that_deletes_stops_a_worker_and_is_named_with_the_command_that_repairs_it(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]], tmp_path: Path
) -> None:
    topics = await new_topics(partitions=2)
    settings = Settings(app_id=topics.app_id, topic_prefix=topics.prefix, partitions=2)
    assert (await run(bootstrap, topics, tmp_path, "topics", "check")).exit_code == 0
    await configure(bootstrap, topics.state, {"cleanup.policy": "delete", "max.message.bytes": "4194304"})

    with pytest.raises(SetupError, match=f"{topics.state} has cleanup.policy=delete, needed is compact") as refused:
        async with Runtime([], runtime_config(settings, bootstrap)):
            pass
    told = await run(bootstrap, topics, tmp_path, "topics", "check")
    assert told.exit_code == 3
    command = f"--entity-name {topics.state} --add-config cleanup.policy=compact"
    assert command in told.output and command in refused.value.next_step

    await configure(bootstrap, topics.state, {"cleanup.policy": "compact", "max.message.bytes": "4194304"})
    assert (await run(bootstrap, topics, tmp_path, "topics", "check")).exit_code == 0


async def test_an_erasure_tells_the_dates_of_the_cluster_and_not_those_that_topics_are_created_with(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]], tmp_path: Path
) -> None:
    topics = await new_topics(partitions=2)
    await configure(bootstrap, topics.clicks, {"retention.ms": "-1"})
    await configure(bootstrap, topics.searches, {"retention.ms": str(400 * DAY_MS), "segment.ms": str(DAY_MS)})
    await configure(bootstrap, topics.profiles, {"cleanup.policy": "compact"})
    told = await run(bootstrap, topics, tmp_path, "erase", "u-1", "--yes", "--unknown")
    assert told.exit_code == 0, told.output
    lines = {line.split()[0]: line for line in told.output.splitlines() if line.strip()}
    assert "never, as the topic is configured" in lines[topics.clicks]
    assert "never, as the topic is configured" in lines[topics.profiles]
    assert int(lines[topics.searches].split()[1][:4]) > int(lines[topics.reviews].split()[1][:4])
