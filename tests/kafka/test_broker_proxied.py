"""Clients that come in by a proxied listener stay behind the proxy; those of the usual port don't notice it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from liveprofile.streams.admin.topics import create_topics
from liveprofile.streams.broker import Broker, ports
from liveprofile.streams.contract.topics import Topic
from tests.faults.proxy import Proxy

pytestmark = pytest.mark.kafka


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[tuple[Broker, Proxy]]:
    """A broker with a second listener, and the proxy before that."""
    door = ports.free_port()
    with Proxy(door) as running, Broker(tmp_path, proxied={door: running.port}) as broker:
        yield broker, running


async def test_a_cut_proxy_stops_the_clients_behind_it_and_no_others(proxy: tuple[Broker, Proxy]) -> None:
    broker, before_it = proxy
    await create_topics(broker.bootstrap, [Topic("reached", 1)])
    assert await _written(before_it.bootstrap)
    assert before_it.connections > 1  # the client has come back for the partition's leader, also through the proxy
    before_it.cut()
    assert not await _written(before_it.bootstrap)
    assert await _written(broker.bootstrap)
    before_it.heal()
    assert await _written(before_it.bootstrap)


async def _written(bootstrap: str) -> bool:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", request_timeout_ms=5_000)
    try:
        await producer.start()
        await producer.send_and_wait("reached", b"one")
    except KafkaError:
        return False
    finally:
        await producer.stop()
    return True
