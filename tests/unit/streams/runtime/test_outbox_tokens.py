"""The outbox's fencing tokens and writers: which errors of a renewal count, and which partitions can be written."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiokafka.errors import KafkaError, ProducerFenced

from liveprofile.streams.runtime.outbox import DeliveryError, KafkaOutbox

NAME = "app.profile.0"


class Token:
    """A fencing token whose renewal ends so."""

    name = NAME

    def __init__(self, error: Exception | None = None, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.renewed = 0
        self._error, self._meanwhile = error, meanwhile

    async def renew(self) -> None:
        self.renewed += 1
        await asyncio.sleep(0)
        self._meanwhile()
        if self._error:
            raise self._error


def outbox_with(*tokens: Token) -> Any:
    outbox: Any = KafkaOutbox("nowhere:9092")
    outbox._fencing_tokens = {f"{NAME}{at}" if at else NAME: token for at, token in enumerate(tokens)}
    return outbox


async def test_every_token_is_renewed_until_all_are_released() -> None:
    tokens = Token(), Token()
    outbox = outbox_with(*tokens)
    await outbox.renew_tokens()
    outbox.release_tokens()
    await outbox.renew_tokens()
    assert [token.renewed for token in tokens] == [1, 1]


@pytest.mark.parametrize("error", [ProducerFenced(), KafkaError("of any kind")])
async def test_a_token_that_was_lost_while_it_is_held_stops_the_process(error: KafkaError) -> None:
    outbox = outbox_with(Token(error))
    with pytest.raises(DeliveryError, match=f"'{NAME}' could not be renewed: {type(error).__name__}") as lost:
        await outbox.renew_tokens()
    assert lost.value.__cause__ is error


@pytest.mark.parametrize("then", ["released", "acquired again"])
async def test_a_token_that_was_given_back_meanwhile_is_no_loss(then: str) -> None:
    """Another worker holds it now, or this one has a newer of the same name; the tokens behind it are still renewed."""

    def meanwhile() -> None:
        if then == "released":
            outbox.release_tokens()
        else:
            outbox._fencing_tokens[NAME] = Token()

    behind = Token()
    outbox = outbox_with(Token(ProducerFenced(), meanwhile), behind)
    await outbox.renew_tokens()
    assert behind.renewed == 1


class Producer:
    """A producer that knows a topic of two partitions."""

    async def partitions_for(self, topic: str) -> set[int]:
        return {0, 1}


async def test_a_partition_gets_its_writer_once_and_one_that_does_not_exist_gets_none() -> None:
    outbox: Any = KafkaOutbox("nowhere:9092")
    outbox._producer = Producer()
    await outbox._add_writer("t", 1)
    made = outbox._writers["t", 1]
    await outbox._add_writer("t", 1)
    assert outbox._writers == {("t", 1): made}
    with pytest.raises(DeliveryError, match="t has 2 partitions, so there is no partition 2 to write to"):
        await outbox._add_writer("t", 2)
    assert set(outbox._writers) == {("t", 1)}
