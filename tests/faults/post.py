"""Crafted records into a shop's inputs, in the order given, and what stands on its topics afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

if TYPE_CHECKING:
    from streams.topics import Topic
    from tests.faults.shop import Shop

AT_ONCE = 2_000
LARGEST = 4 << 20


class Letter(NamedTuple):
    """A record for an input: "clicks", "searches" or "purchases"."""

    topic: str
    key: bytes | None
    value: bytes | None


async def post(shop: Shop, letters: Iterable[Letter]) -> int:
    """Send records and wait until all are durable; gives their number. Records of one key keep their order."""
    count = 0
    async with AIOKafkaProducer(
        bootstrap_servers=shop.bootstrap, enable_idempotence=True, max_request_size=LARGEST, linger_ms=5
    ) as producer:
        sent: list[asyncio.Future[Any]] = []
        for topic, key, value in letters:
            sent.append(await producer.send(shop.topics.prefix + topic, value, key))
            count += 1
            if len(sent) >= AT_ONCE:
                await asyncio.gather(*sent)
                sent.clear()
        await asyncio.gather(*sent)
    return count


async def configure(shop: Shop, topic: Topic, **settings: str) -> None:
    """Change settings of a topic; dots are written as underscores. The others stay as they were made."""
    wanted = dict(topic.config) | {name.replace("_", "."): value for name, value in settings.items()}
    admin = AIOKafkaAdminClient(bootstrap_servers=shop.bootstrap)
    await admin.start()
    try:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name, wanted)])
    finally:
        await admin.close()
