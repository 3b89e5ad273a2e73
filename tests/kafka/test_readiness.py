"""Readiness of a worker on a real broker: off while a large partition loads, and in a rebalance."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import aiohttp
import pytest

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.state.codec import encode_rows
from liveprofile.profiles.state.row import blank_rows
from liveprofile.streams.broker.ports import free_port
from liveprofile.streams.contract.cloud_events import CloudEvents
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.runtime.app import RuntimeConfig
from liveprofile.streams.runtime.outbox import KafkaOutbox
from liveprofile.streams.runtime.partition_state import read_partition
from liveprofile.streams.runtime.probes import probes
from liveprofile.streams.runtime.runtime import Runtime
from liveprofile.streams.stages.profile.config import ProfileStageConfig
from liveprofile.streams.stages.profile.stage import ProfileStage
from liveprofile.streams.transport.record import Item

pytestmark = pytest.mark.kafka

PROFILES = 60_000
"""Some 80 MB on one partition: many fetches. Words that are zero are not written, so vectors are filled."""


def profile_stage(bootstrap: str, topics: Topics) -> ProfileStage:
    """The stage as the wiring makes it, without a model."""
    config = ProfileStageConfig(topics, Policy(), embedder=None)
    return ProfileStage(config, partial(read_partition, bootstrap), CloudEvents(topics.app_id, lambda: 0))


async def write_profiles(bootstrap: str, topics: Topics) -> None:
    """Profiles on the first partition of the state topic."""
    full = blank_rows(1, Policy().dims)
    full["interest"], full["slot"] = 1, 1
    record = encode_rows(full, Policy().dims)[0]
    async with KafkaOutbox(bootstrap) as outbox:
        items: list[Item] = [(b"%032x" % at, record, ()) for at in range(PROFILES)]
        await outbox.send(topics.state, 0, items)


async def ask_until_stopped(port: int, answers: list[tuple[int, Any]]) -> None:
    """Ask for readiness again and again."""
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
                answers.append((answer.status, await answer.json()))
            await asyncio.sleep(0.005)


async def until_status(answers: list[tuple[int, Any]], status: int) -> None:
    """Wait until the newest answer has a status."""
    async with asyncio.timeout(60):
        while not answers or answers[-1][0] != status:  # noqa: ASYNC110 - it is asked for in between
            await asyncio.sleep(0.01)


async def test_a_worker_is_not_ready_while_it_loads_nor_in_a_rebalance(
    bootstrap: str, new_topics: Callable[..., Awaitable[Topics]]
) -> None:
    topics = await new_topics(partitions=2)
    await write_profiles(bootstrap, topics)
    config = RuntimeConfig(topics.group, bootstrap, session_timeout_s=6.0, heartbeat_s=0.3)
    first, port, answers = Runtime([profile_stage(bootstrap, topics)], config), free_port(), []
    async with probes(first, "127.0.0.1", port):
        asking = asyncio.create_task(ask_until_stopped(port, answers))
        await until_status(answers, 503)
        async with first:
            await until_status(answers, 200)
            loading = [one for status, body in answers if status == 503 for one in body["loading"]]
            under_way = [one for one in loading if one["partition"] == 0 and 0 < one["loaded"] < PROFILES]
            assert under_way, loading
            assert {one["of"] for one in under_way} <= {
                PROFILES,
                PROFILES + 1,
            }  # the partition's lineage is a record too
            answers.clear()
            async with Runtime([profile_stage(bootstrap, topics)], config) as second:
                await second.ready()
                await until_status(answers, 200)
            statuses = [status for status, _ in answers]
            assert (statuses[0], 503 in statuses, statuses[-1]) == (200, True, 200)
        await until_status(answers, 503)
        asking.cancel()
