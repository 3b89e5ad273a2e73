"""Topics as an operator can harm them: deleted and created again, given more partitions, offsets forgotten."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, RecordsToDelete
from aiokafka.errors import for_code
from aiokafka.protocol.admin import DeleteGroupsRequest

from liveprofile.profiles.records.activity import LAYOUT
from liveprofile.streams.admin.topics import create_topics, list_topics
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.runtime.lineage import Lineage
from liveprofile.streams.runtime.outbox import KafkaOutbox

SEEN_S = 15.0
"""Kafka says that it has done something a little before its brokers know it."""


async def begun(outbox: KafkaOutbox, bootstrap: str, topics: Topics) -> Lineage:
    """A worker's lineage after its check at the start: the first one has written the entries of its topics."""
    lineage = Lineage(outbox, bootstrap, topics.lineage, topics.remembered, {topics.activity: LAYOUT})
    await lineage.begin()
    return lineage


async def recreate(bootstrap: str, topics: Topics, name: str) -> None:
    """Delete a topic and create it again as it should be, empty."""
    async with _admin(bootstrap) as admin:
        await admin.delete_topics([name])
    await _until_partitions(bootstrap, topics, name, None)
    await create_topics(bootstrap, topics)


async def add_partitions(bootstrap: str, topics: Topics, name: str, count: int) -> None:
    """Give a topic more partitions."""
    async with _admin(bootstrap) as admin:
        await admin.create_partitions({name: NewPartitions(count)})
    await _until_partitions(bootstrap, topics, name, count)


async def expire(bootstrap: str, name: str, partition: int, before: int) -> None:
    """Delete a partition's records below an offset, as retention does."""
    async with _admin(bootstrap) as admin:
        await admin.delete_records({TopicPartition(name, partition): RecordsToDelete(before)})


async def delete_group(bootstrap: str, group: str) -> None:
    """Forget all offsets of a group without members."""
    async with _admin(bootstrap) as admin:
        response = await admin._send_request(DeleteGroupsRequest([group]), await admin.find_coordinator(group))
    for _, code in response.results:
        if code:
            raise for_code(code)(group)


async def _until_partitions(bootstrap: str, topics: Topics, name: str, count: int | None) -> None:
    async with asyncio.timeout(SEEN_S):
        while (await list_topics(bootstrap, topics))[name] != count:  # noqa: ASYNC110 - Kafka tells nobody
            await asyncio.sleep(0.05)


@asynccontextmanager
async def _admin(bootstrap: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()
