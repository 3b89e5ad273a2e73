"""Crafted records into a shop's inputs, in the order given, and what stands on its topics afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.state.codec import decode_rows
from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey, Pseudonyms, known_shopper
from tests.faults.shop import KEY
from tests.support.topics_now import records_of

if TYPE_CHECKING:
    from liveprofile.streams.contract.topics import Topic
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
            at_least = b"" if key is None and value is None else key  # aiokafka sends nothing that has neither
            sent.append(await producer.send(shop.topics.prefix + topic, value, at_least))
            count += 1
            if len(sent) >= AT_ONCE:
                await asyncio.gather(*sent)
                sent.clear()
        await asyncio.gather(*sent)
    return count


async def rows_of(shop: Shop) -> dict[bytes, Any]:
    """The profiles in the state topic as rows, by their id."""
    records: dict[bytes, bytes] = {}
    async for record in records_of(shop.bootstrap, shop.topics.state, shop.topics.partitions):
        if record.key is not None and not record.key.startswith(b"\x00"):
            records[record.key] = record.value
    return dict(zip(records, decode_rows(list(records.values()), Policy().dims), strict=True))


def profile_id(user_id: str) -> bytes:
    """The profile id of a user id, under the key of the harness."""
    return Pseudonyms(PseudonymKey(KEY.encode()), 1).of(known_shopper(user_id))[0]


async def configure(shop: Shop, topic: Topic, **settings: str) -> None:
    """Change settings of a topic; dots are written as underscores. The others stay as they were made."""
    wanted = dict(topic.config) | {name.replace("_", "."): value for name, value in settings.items()}
    admin = AIOKafkaAdminClient(bootstrap_servers=shop.bootstrap)
    await admin.start()
    try:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic.name, wanted)])
    finally:
        await admin.close()
