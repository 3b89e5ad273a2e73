"""The check right before records are sent: only they are checked, and aiokafka tries nothing again."""

import inspect
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.client import AIOKafkaClient, ConnectionGroup
from aiokafka.protocol.produce import ProduceRequest

from liveprofile.streams.transport.late_check import WithheldError, check_before_produce


class Client:
    """A client that writes down what it does."""

    def __init__(self) -> None:
        self.done: list[Any] = []

    async def ready(self, node: int, *, group: Any) -> None:
        self.done.append(("ready", node, group))

    async def send(self, node: int, request: Any, *, group: Any = ConnectionGroup.DEFAULT) -> str:
        self.done.append(("send", node, group))
        return "answer"


def produce() -> Any:
    return ProduceRequest.__new__(ProduceRequest)


async def test_records_are_checked_once_the_connection_stands_and_right_before_they_are_sent() -> None:
    client = Client()
    check_before_produce(client, lambda: client.done.append("check"))
    assert await client.send(3, produce(), group=ConnectionGroup.COORDINATION) == "answer"
    group = ConnectionGroup.COORDINATION
    assert client.done == [("ready", 3, group), "check", ("send", 3, group)]


async def test_other_requests_are_not_checked() -> None:
    client = Client()
    check_before_produce(client, lambda: client.done.append("check"))
    assert await client.send(3, SimpleNamespace()) == "answer"
    assert client.done == [("send", 3, ConnectionGroup.DEFAULT)]


async def test_what_is_withheld_is_not_sent_and_not_tried_again_by_aiokafka_but_by_a_restart() -> None:
    client = Client()

    def check() -> None:
        raise ValueError("this worker stood still")

    check_before_produce(client, check)
    with pytest.raises(WithheldError, match="nothing was sent: this worker stood still") as withheld:
        await client.send(3, produce())
    assert [one[0] for one in client.done] == ["ready"]
    assert isinstance(withheld.value.__cause__, ValueError)
    assert withheld.value.retryable and not withheld.value.retriable


def test_a_client_that_is_checked_is_called_as_before() -> None:
    """aiokafka calls it in many places; the group goes by its name everywhere."""
    client: Any = Client()
    check_before_produce(client, lambda: None)
    now, before = (inspect.signature(one).parameters for one in (client.send, AIOKafkaClient.send))
    assert [(one.kind, one.default) for one in now.values()] == [
        (one.kind, one.default) for one in list(before.values())[1:]
    ]
