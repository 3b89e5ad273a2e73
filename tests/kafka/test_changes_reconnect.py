"""A consumer of changes behind a network that fails: it waits, connects again, and goes on."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaProducer
from support.samples import changed

from liveprofile import AsyncChanges, Topics
from liveprofile.streams.admin.topics import create_topics
from liveprofile.streams.broker import Broker, ports
from tests.faults.proxy import Proxy

pytestmark = pytest.mark.kafka
ANNA = "a" * 32


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[tuple[Broker, Proxy]]:
    """A broker with a second listener, and the proxy before that."""
    door = ports.free_port()
    with Proxy(door) as running, Broker(tmp_path, proxied={door: running.port}) as broker:
        yield broker, running


async def write(broker: Broker, version: int) -> None:
    async with AIOKafkaProducer(bootstrap_servers=broker.bootstrap) as producer:
        await producer.send_and_wait("profile-changes", msgspec.json.encode(changed(ANNA, version)), key=ANNA.encode())


async def test_a_consumer_goes_on_after_its_connections_were_reset_and_the_network_was_away(proxied) -> None:
    broker, proxy = proxied
    await create_topics(broker.bootstrap, Topics(partitions=1))
    await write(broker, 1)
    async with AsyncChanges(proxy.bootstrap, "mailer", commit_every_s=0.1) as changes:
        assert (await anext(changes)).record.version == 1
        proxy.reset()
        await write(broker, 2)
        assert (await asyncio.wait_for(anext(changes), 60)).record.version == 2
        proxy.cut()
        await write(broker, 3)
        reading = asyncio.ensure_future(anext(changes))
        await asyncio.sleep(3)
        assert not reading.done()
        proxy.heal()
        assert (await asyncio.wait_for(reading, 60)).record.version == 3
    async with AsyncChanges(broker.bootstrap, "mailer", idle_s=1) as changes:
        assert [one async for one in changes] == []
