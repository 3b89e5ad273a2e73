"""Gates before a client's connections and refreshes: who asks, who waits, and what is left as it is."""

import asyncio
from types import SimpleNamespace
from typing import Any

from aiokafka.client import ConnectionGroup

from liveprofile.streams.transport.private_hooks.of_aiokafka import connect_through, refresh_through

HERE = ("kafka-1", 9092)


class Client:
    """aiokafka's client: brokers, connections that stand, and attempts to connect."""

    def __init__(self) -> None:
        self.cluster = SimpleNamespace(broker_metadata=self._broker)
        self._conns: dict[Any, Any] = {}
        self.attempts: list[tuple[Any, bool]] = []
        self.updates = 0
        self.refreshed: list[Any] = []
        self.answer: Any = "a connection"

    def _broker(self, node_id: int) -> Any:
        return SimpleNamespace(host=HERE[0], port=HERE[1]) if node_id == 1 else None

    async def _get_conn(self, node_id: int, *, group: Any = 0, no_hint: bool = False) -> Any:
        self.attempts.append((node_id, no_hint))
        return self.answer

    async def _metadata_update(self, cluster: Any, topics: Any) -> bool:
        self.refreshed.append(topics)
        return True

    def force_metadata_update(self) -> None:
        self.updates += 1


def gated(client: Client, allowed: bool = True) -> tuple[list[Any], list[Any]]:
    """The addresses that were asked for, and what was told of them."""
    asked: list[Any] = []
    told: list[Any] = []

    async def ask(address: Any) -> bool:
        asked.append(address)
        return allowed

    connect_through(client, ask, lambda address, answered: told.append((address, answered)))
    return asked, told


async def test_a_client_asks_before_it_connects_and_tells_what_came_of_it() -> None:
    client = Client()
    asked, told = gated(client)
    assert await client._get_conn(1, group=ConnectionGroup.DEFAULT, no_hint=True) == "a connection"
    client.answer = None
    assert await client._get_conn(1) is None
    assert asked == [HERE, HERE] and told == [(HERE, True), (HERE, False)]
    assert client.attempts == [(1, True), (1, False)] and not client.updates


async def test_a_client_that_may_not_connect_looks_for_other_leaders_and_tells_nothing() -> None:
    client = Client()
    _, told = gated(client, allowed=False)
    assert await client._get_conn(1) is None
    assert (client.attempts, told, client.updates) == ([], [], 1)


async def test_a_connection_that_stands_and_an_unknown_broker_are_not_asked_for() -> None:
    client = Client()
    asked, told = gated(client, allowed=False)
    assert await client._get_conn(2) == "a connection"
    client._conns[1, ConnectionGroup.DEFAULT] = SimpleNamespace(connected=lambda: True)
    assert await client._get_conn(1) == "a connection"
    assert not asked and not told
    client._conns[1, ConnectionGroup.DEFAULT] = SimpleNamespace(connected=lambda: False)
    assert await client._get_conn(1) is None and asked == [HERE]


async def test_only_refreshes_in_the_background_are_paced_and_only_where_there_is_a_wait() -> None:
    client, slept = Client(), []

    def wait_s() -> float:
        slept.append(True)
        return 0.15

    refresh_through(client, wait_s)
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert await client._metadata_update(object(), ["another cluster's"]) is True
    assert not slept and loop.time() - began < 0.1
    began = loop.time()
    assert await client._metadata_update(client.cluster, ["ours"]) is True
    assert slept and loop.time() - began >= 0.14
    assert client.refreshed == [["another cluster's"], ["ours"]]
    no_wait = Client()
    refresh_through(no_wait, lambda: -1.0)
    assert await no_wait._metadata_update(no_wait.cluster, []) is True
