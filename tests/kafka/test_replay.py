"""A replay of `activity` through a second live worker gives the same bytes."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest
from support.topics_now import live_state, waiting
from support.worker import Workers

from liveprofile.models.manifest import Manifest
from liveprofile.streams.admin.topics import create_topics
from liveprofile.streams.clock import now_ms
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.producers.sender import Sender
from liveprofile.streams.runtime.outbox import KafkaOutbox
from liveprofile.streams.runtime.partition_state import read_partition
from liveprofile.streams.simulator.simulator import Simulator
from tests.faults.oracle import examine

EVENTS = 5_000
DRAIN_S = 150.0

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(400)]


@pytest.fixture
def workers(bootstrap: str, app_id: str, model_folder: Path, tmp_path: Path) -> Iterator[Workers]:
    """Workers of this test's application."""
    environment = {
        "LIVEPROFILE_APP_ID": app_id,
        "LIVEPROFILE_BOOTSTRAP": bootstrap,
        "LIVEPROFILE_TOPIC_PREFIX": f"{app_id}-",
        "LIVEPROFILE_DATA_DIR": str(tmp_path),
        "LIVEPROFILE_MODEL_DIR": str(model_folder),
        "LIVEPROFILE_PSEUDONYM_KEY": "a key for tests only",
        "LIVEPROFILE_WORKER__SESSION_TIMEOUT_S": "6",
        "LIVEPROFILE_WORKER__HEARTBEAT_S": "1",
    }
    started = Workers(environment, tmp_path)
    yield started
    started.kill_all()


@pytest.fixture
async def topics(new_topics: Callable[..., Awaitable[Topics]]) -> AsyncIterator[Topics]:
    """Four partitions of everything."""
    yield await new_topics(partitions=4)


async def send_shop(bootstrap: str, topics: Topics, count: int) -> None:
    """Write simulated events to the input topics."""
    prefix = topics.prefix
    async with Sender(bootstrap, topics.inputs) as sender:
        for at, event in enumerate(islice(Simulator(seed=11, users=3_000).events(), count)):
            sender.add(prefix + event.topic, event.key, event.value(), now_ms())
            if at % 1_000 == 0:
                await sender.send()


async def drained(bootstrap: str, topics: Topics) -> None:
    """Wait until no record of inputs and activity waits. TimeoutError after two and a half minutes."""
    deadline = time.monotonic() + DRAIN_S
    while count := await waiting(bootstrap, topics):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{count} records still wait after {DRAIN_S:.0f} s")
        await asyncio.sleep(0.2)


async def test_a_replay_of_the_log_gives_the_same_bytes_live(
    bootstrap: str, topics: Topics, workers: Workers, model_folder: Path, app_id: str, tmp_path: Path
) -> None:
    await send_shop(bootstrap, topics, EVENTS)
    worker = await asyncio.to_thread(workers.start)
    await drained(bootstrap, topics)
    await asyncio.to_thread(workers.stop, worker)
    verdict = await examine(bootstrap, topics, Manifest.load(model_folder).model_id)
    assert not any(verdict.violations.values()), verdict.words
    first = await live_state(bootstrap, topics)

    again = Topics(f"{app_id}-again", topics.partitions, prefix=f"{app_id}-again-")
    await create_topics(bootstrap, again)
    await copy_log(bootstrap, topics, again)
    names = {"LIVEPROFILE_APP_ID": again.app_id, "LIVEPROFILE_TOPIC_PREFIX": again.prefix}
    folder = tmp_path / "again"
    folder.mkdir()
    replayer = Workers(workers.environment | names | {"LIVEPROFILE_PROFILE__TICK_S": "3600"}, folder)
    try:
        process = await asyncio.to_thread(replayer.start, "profile")
        await drained(bootstrap, again)
        await asyncio.to_thread(replayer.stop, process)
    finally:
        replayer.kill_all()
    second = await live_state(bootstrap, again)
    assert {key for key in first | second if first.get(key) != second.get(key)} == set()


async def copy_log(bootstrap: str, source: Topics, target: Topics) -> None:
    """Write one application's `activity` into another's, record for record."""
    async with KafkaOutbox(bootstrap) as outbox:
        for partition in range(source.partitions):
            async for records in read_partition(bootstrap, source.activity, partition):
                items = [(key, value, ()) for key, value, _ in records]
                await outbox.send(target.activity, partition, items)
