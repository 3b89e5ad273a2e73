"""A batch is added without waiting only where aiokafka's own `send_batch` would not wait either."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition

from liveprofile.streams.transport.private_hooks.of_aiokafka import add_at_once

PLACE = TopicPartition("facts", 3)


class Accumulator:
    """What waits to be sent."""

    def __init__(self) -> None:
        self._closed, self._exception = False, None
        self._batches: dict[TopicPartition, list[Any]] = {}

    def _append_batch(self, builder: Any, tp: TopicPartition) -> Any:
        self._batches.setdefault(tp, []).append(builder)
        return SimpleNamespace(future=asyncio.get_running_loop().create_future())


def producer(leader: int | None = 0) -> Any:
    cluster = SimpleNamespace(leader_for_partition=lambda place: leader if place == PLACE else 7)
    return SimpleNamespace(_message_accumulator=Accumulator(), client=SimpleNamespace(cluster=cluster))


async def test_a_batch_of_a_known_partition_is_added_and_its_delivery_awaited() -> None:
    made = producer()
    delivery = add_at_once(made, "a batch", *PLACE)
    assert delivery is not None and not delivery.done()
    assert made._message_accumulator._batches == {PLACE: ["a batch"]}


async def test_the_second_batch_of_a_partition_waits_and_one_of_another_partition_does_not() -> None:
    made = producer()
    add_at_once(made, "first", *PLACE)
    assert add_at_once(made, "second", *PLACE) is None
    assert add_at_once(made, "other", "facts", 4) is not None
    assert made._message_accumulator._batches[PLACE] == ["first"]


@pytest.mark.parametrize("leader", [None, -1])
async def test_a_batch_whose_leader_is_not_known_holds_up_no_other(leader: int | None) -> None:
    """The sender would wait for metadata that nobody has asked for, with everything behind it."""
    made = producer(leader)
    assert add_at_once(made, "a batch", *PLACE) is None
    assert made._message_accumulator._batches == {}


@pytest.mark.parametrize(("name", "value"), [("_closed", True), ("_exception", ValueError("fenced"))])
async def test_a_closed_or_failed_producer_tells_so_itself(name: str, value: Any) -> None:
    made = producer()
    setattr(made._message_accumulator, name, value)
    assert add_at_once(made, "a batch", *PLACE) is None
