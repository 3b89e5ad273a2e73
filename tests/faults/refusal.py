"""Ways in which a broker refuses to write state, and the look whether offsets were committed all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ConfigResource,
    ConfigResourceType,
    KafkaAdminClient,
    ResourcePattern,
    ResourceType,
)

from liveprofile.profiles.fold.cursor import CURSOR_KEY, applied_through_of
from liveprofile.streams.runtime.partition_state import read_partition

if TYPE_CHECKING:
    from tests.faults.shop import Shop

AUTHORIZER = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found": "true",
}
"""Broker properties for `write_withdrawn`: everybody may do everything to what no rule is about."""

USUAL = {"min.insync.replicas": "2"}
"""What a topic has from a cluster where its own configuration does not say."""


@asynccontextmanager
async def configured(shop: Shop, name: str, value: str) -> AsyncIterator[None]:
    """The state topic has another value in its configuration meanwhile."""
    usual = next(topic.config.get(name, "") for topic in shop.topics.all() if topic.name == shop.topics.state)
    await asyncio.to_thread(_configure, shop, name, value)
    try:
        yield
    finally:
        await asyncio.to_thread(_configure, shop, name, usual or USUAL[name])


@asynccontextmanager
async def write_withdrawn(shop: Shop) -> AsyncIterator[None]:
    """Nobody may write the state topic any more; reading it is still allowed."""
    topic = ResourcePattern(ResourceType.TOPIC, shop.topics.state)
    rules = [
        ACL("User:*", "*", ACLOperation.ALL, ACLPermissionType.ALLOW, topic),
        ACL("User:*", "*", ACLOperation.WRITE, ACLPermissionType.DENY, topic),
    ]
    await asyncio.to_thread(_admin, shop, "create_acls", rules)
    try:
        yield
    finally:
        await asyncio.to_thread(_admin, shop, "delete_acls", rules)


async def committed_past_state(shop: Shop) -> int:
    """Activities behind the group's committed offsets that no durable cursor says are applied; the group is asked
    first, so what becomes durable meanwhile does not count against it."""
    topics = shop.topics
    admin = AIOKafkaAdminClient(bootstrap_servers=shop.bootstrap)
    await admin.start()
    try:
        committed = await admin.list_consumer_group_offsets(topics.group)
    finally:
        await admin.close()
    past = 0
    for partition in range(topics.partitions):
        place = TopicPartition(topics.activity, partition)
        if place in committed:
            past += max(0, committed[place].offset - await _durable_through(shop, partition) - 1)
    return past


async def state_records(shop: Shop) -> int:
    """How many records stand in the state topic. Its ends would count the markers of claims, too."""
    counts = [
        len(records)
        for number in range(shop.topics.partitions)
        async for records in read_partition(shop.bootstrap, shop.topics.state, number)
    ]
    return sum(counts)


async def _durable_through(shop: Shop, partition: int) -> int:
    """The offset of the last activity that the state topic knows as applied."""
    through = -1
    async for records in read_partition(shop.bootstrap, shop.topics.state, partition):
        for key, value, _ in records:
            if key == CURSOR_KEY and value is not None:
                through = max(through, applied_through_of(value))
    return through


def _configure(shop: Shop, name: str, value: str) -> None:
    resource = ConfigResource(ConfigResourceType.TOPIC, shop.topics.state, {name: value})
    _admin(shop, "alter_configs", [resource])


def _admin(shop: Shop, method: str, *arguments: Any) -> None:
    client = KafkaAdminClient(bootstrap_servers=shop.bootstrap)
    try:
        getattr(client, method)(*arguments)
    finally:
        client.close()
