"""The outbox before anything is sent: who may not write writes nothing, and what is too large is told by name."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka.errors import KafkaConnectionError
from hypothesis import given
from hypothesis import strategies as st

from liveprofile.streams.runtime.app import RuntimeConfig
from liveprofile.streams.runtime.fence import FencedError
from liveprofile.streams.runtime.outbox import BATCH_BYTES, DeliveryError, KafkaOutbox
from liveprofile.streams.runtime.partition_writer import Durable
from liveprofile.streams.runtime.record_size import (
    HEADER_OVERHEAD_BYTES,
    RECORD_OVERHEAD_BYTES,
    OversizeError,
    check_sizes,
    record_size,
)
from liveprofile.streams.runtime.runtime_outbox import RuntimeOutbox
from liveprofile.streams.runtime.stage import Write
from liveprofile.streams.transport.record import Item


class Writer:
    """Takes what is written to its partition."""

    reached = -1

    def __init__(self) -> None:
        self.taken: list[Item] = []

    def write(self, items: Sequence[Item]) -> Durable:
        self.taken += items
        durable: Durable = asyncio.get_running_loop().create_future()
        durable.set_result(7)
        return durable


def outbox_to(writer: Writer, **options: Any) -> KafkaOutbox:
    """An outbox without Kafka, which has written to one partition before."""
    outbox = KafkaOutbox("nowhere:9092", **options)
    outbox._writers["t", 0] = writer  # type: ignore[assignment]
    return outbox


def fenced() -> None:
    raise FencedError("this worker stood still")


ITEM: Item = (b"key", b"value", ())


async def test_a_process_that_lost_its_partitions_sends_nothing() -> None:
    """The check comes before the producer: batches that wait there would go out when a retry is due."""
    writer = Writer()
    with pytest.raises(FencedError):
        await outbox_to(writer, before_send=fenced).send("t", 0, [ITEM])
    assert writer.taken == []


async def test_each_send_is_checked_and_an_empty_one_needs_no_check() -> None:
    writer, asked = Writer(), []
    outbox = outbox_to(writer, before_send=lambda: asked.append(len(writer.taken)))
    assert await outbox.send("t", 0, []) is None
    assert [await outbox.send("t", 0, [ITEM]) for _ in range(3)] == [7, 7, 7]
    assert asked == [0, 1, 2], "each check is before its records"


async def test_a_process_that_lost_its_partitions_takes_no_fencing_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would shut out the new owner."""
    outbox = outbox_to(Writer(), before_send=fenced)
    monkeypatch.setattr(outbox, "_producer", object())
    with pytest.raises(FencedError):
        await outbox.acquire_token("app.profile.0", [("t", 0)])


async def test_a_record_over_the_limit_is_refused_before_those_beside_it_are_sent() -> None:
    writer = Writer()
    outbox = outbox_to(writer, max_record_bytes=1_000)
    with pytest.raises(OversizeError, match=r"1,131 bytes \(key b'big'\) is over the limit of 1,000 bytes") as refused:
        await outbox.send("t", 0, [ITEM, (b"big", bytes(1_000), ())])
    assert writer.taken == [] and (refused.value.key, refused.value.limit) == (b"big", 1_000)
    await outbox.send("t", 0, [ITEM])
    assert writer.taken == [ITEM]


@given(st.binary(max_size=50), st.binary(max_size=2_000), st.integers(100, 3_000))
def test_a_record_is_let_through_exactly_up_to_the_limit(key: bytes, value: bytes, limit: int) -> None:
    item: Item = (key, value, [("ce_id", b"1")])
    if record_size(item) <= limit:
        check_sizes([item], limit)
    else:
        with pytest.raises(OversizeError):
            check_sizes([item], limit)


@pytest.mark.parametrize(
    ("limit", "request_bytes"), [(1_000, 4 * BATCH_BYTES), (2 * BATCH_BYTES, 4 * BATCH_BYTES), (10**7, 2 * 10**7)]
)
def test_a_request_has_room_for_two_of_the_largest_records_and_for_four_batches(limit: int, request_bytes: int) -> None:
    settings = KafkaOutbox("a:1,b:2", max_record_bytes=limit, delivery_timeout_s=12.5)._settings
    assert (settings["max_request_size"], settings["max_batch_size"]) == (request_bytes, BATCH_BYTES)
    assert settings["request_timeout_ms"] == 12_500
    assert settings["acks"] == "all" and settings["enable_idempotence"] is True


class Asked:
    """A producer whose client answers with this."""

    def __init__(self, error: Exception | None = None, after_s: float = 0.0) -> None:
        self.client, self._error, self._after_s = self, error, after_s

    async def fetch_all_metadata(self) -> None:
        await asyncio.sleep(self._after_s)
        if self._error:
            raise self._error


@pytest.mark.parametrize(
    ("producer", "answers"),
    [(Asked(), True), (Asked(KafkaConnectionError()), False), (Asked(OSError()), False), (Asked(after_s=60.0), False)],
    ids=["at once", "with an error of Kafka", "with an error of the network", "too late"],
)
async def test_kafka_answers_if_it_does_so_in_time_and_without_an_error(producer: Asked, answers: bool) -> None:
    outbox = outbox_to(Writer())
    outbox._producer = producer  # type: ignore[assignment]
    assert await outbox.answers(0.1) is answers


async def test_nothing_is_known_of_a_partition_that_was_not_written() -> None:
    outbox = outbox_to(Writer())
    assert outbox.reached("t", 1) == -1 and outbox.away is False
    outbox.give_up()


@pytest.mark.parametrize("headers", [(), [("ce_id", b"1")], [("a", b"22"), ("ß", b"")]])
def test_the_size_of_a_record_is_that_of_all_its_parts(headers: Any) -> None:
    parts = sum(len(name.encode()) + len(content) + HEADER_OVERHEAD_BYTES for name, content in headers)
    assert record_size((b"key", b"value", headers)) == RECORD_OVERHEAD_BYTES + 8 + parts
    assert record_size((None, None, headers)) == RECORD_OVERHEAD_BYTES + parts
    assert RECORD_OVERHEAD_BYTES == 128


class Undelivered(Writer):
    """A writer whose records are never confirmed."""

    def write(self, items: Sequence[Item]) -> Durable:
        self.taken += items
        return asyncio.get_running_loop().create_future()


async def test_what_is_sent_together_is_checked_once_and_what_is_empty_is_left_out() -> None:
    writers, asked = [Writer(), Writer()], []
    outbox = outbox_to(writers[0], before_send=lambda: asked.append(1))
    outbox._writers["u", 3] = writers[1]  # type: ignore[assignment]
    await outbox.send_all([Write("t", 0, [ITEM]), Write("nowhere", 0, []), Write("u", 3, [ITEM, ITEM])])
    assert [len(writer.taken) for writer in writers] == [1, 2] and asked == [1]
    await outbox.send_all(())
    assert asked == [1]


async def test_nothing_of_what_is_sent_together_leaves_if_one_record_is_over_the_limit() -> None:
    writer = Writer()
    with pytest.raises(OversizeError):
        outbox = outbox_to(writer, max_record_bytes=1_000)
        await outbox.send_all([Write("t", 0, [ITEM]), Write("t", 0, [(b"big", bytes(1_000), ())])])
    assert writer.taken == []


async def test_what_is_not_confirmed_in_time_is_told_with_all_places_and_nobody_waits_for_it_any_more() -> None:
    sent, lost = Writer(), Undelivered()
    outbox = outbox_to(sent, delivery_timeout_s=0.05)
    outbox._writers["u", 3] = lost  # type: ignore[assignment]
    with pytest.raises(DeliveryError, match=r"3 records for t/0, u/3 may not be in Kafka: TimeoutError"):
        await outbox.send_all([Write("t", 0, [ITEM]), Write("u", 3, [ITEM, ITEM])])


async def test_a_runtime_is_told_once_of_the_topics_that_are_durable_and_of_a_failure() -> None:
    told: list[Any] = []
    failed: list[BaseException] = []
    outbox = RuntimeOutbox(
        RuntimeConfig("alone", "127.0.0.1:1"),
        check=lambda: None,
        owns=lambda topic, partition: True,
        generation=lambda topic: 0,
        topic_id=lambda topic: "",
        layout=lambda topic: 1,
        fail=failed.append,
        sent=told.append,
    )
    outbox._delivery_timeout_s = 0.05
    outbox._writers |= {("t", 0): Writer(), ("t", 1): Writer(), ("u", 0): Undelivered()}  # type: ignore[dict-item]
    await outbox.send_all([Write("t", 0, [ITEM]), Write("t", 1, [ITEM])])
    assert told == [{"t"}] and not failed
    with pytest.raises(DeliveryError):
        await outbox.send("u", 0, [ITEM])
    assert told == [{"t"}] and [type(one) for one in failed] == [DeliveryError]
