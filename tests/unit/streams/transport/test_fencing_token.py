"""A fencing token: its empty transaction marks every partition and is ended, however often the broker is asked."""

import asyncio
from collections.abc import Collection
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import ProducerFenced
from aiokafka.producer.transaction_manager import TransactionManager

from liveprofile.streams.transport import fencing_token
from liveprofile.streams.transport.fencing_token import MARK_TIMEOUT_MS, RETRY_MS, acquire_token

PLACES = [("state", 0), ("activity", 0)]


class Sender:
    """The requests of transactions, with a broker that takes one partition at a time and ends at the third request."""

    def __init__(self, client: Any, name: str, timeout_ms: int, retry_ms: int) -> None:
        self.opened = (client, name, timeout_ms, retry_ms)
        self.asked: list[Any] = []
        self.identity: Any = None
        self.error: Exception | None = None

    async def next_epoch(self) -> TransactionManager:
        self.asked.append("epoch")
        self.identity = TransactionManager(self.opened[1], self.opened[2])
        self.identity.set_pid_and_epoch(7, self.asked.count("epoch"))
        return self.identity

    async def add_partitions(self, places: Collection[TopicPartition]) -> None:
        await asyncio.sleep(0)
        if self.error:
            self.identity.fatal_error(self.error)
            return
        first = min(places)
        self.asked.append((first.topic, first.partition))
        self.identity.partition_added(first)

    async def abort(self) -> None:
        await asyncio.sleep(0)
        self.asked.append("abort")
        if self.asked.count("abort") % 3 == 0:
            self.identity.complete_transaction()


@pytest.fixture
def senders(monkeypatch: pytest.MonkeyPatch) -> list[Sender]:
    """Those that were made."""
    made: list[Sender] = []

    def make(*arguments: Any) -> Sender:
        made.append(Sender(*arguments))
        return made[-1]

    monkeypatch.setattr(fencing_token, "TransactionSender", make)
    return made


MARKERS = [("activity", 0), ("state", 0), "abort", "abort", "abort"]


async def test_a_token_marks_all_its_partitions_between_two_epochs(senders: list[Sender]) -> None:
    """The end is asked for until the broker has confirmed it: before, a partition may accept the older epoch."""
    token = await acquire_token("client", "app.profile.0", PLACES)
    (sender,) = senders
    assert sender.opened == ("client", "app.profile.0", MARK_TIMEOUT_MS, RETRY_MS)
    assert sender.asked == ["epoch", *MARKERS, "epoch"]
    assert token.name == "app.profile.0" and sender.identity.producer_epoch == 2


async def test_a_renewal_writes_the_markers_again_under_the_same_epoch(senders: list[Sender]) -> None:
    token = await acquire_token("client", "app.profile.0", PLACES)
    for _ in range(2):
        senders[0].asked.clear()
        await token.renew()
        assert senders[0].asked == MARKERS


async def test_a_token_that_another_process_has_taken_is_an_error_and_no_request_is_made_again(
    senders: list[Sender],
) -> None:
    token = await acquire_token("client", "app.profile.0", PLACES)
    senders[0].asked.clear()
    senders[0].error = ProducerFenced()
    with pytest.raises(ProducerFenced):
        await token.renew()
    assert senders[0].asked == []
