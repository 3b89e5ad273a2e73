"""The consumer: what is fetched and delivered, what is committed, and what a revocation leaves."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import faust
import pytest
from faust.types.tuples import TP

from liveprofile.streams.transport.consumer import BatchConsumer, BatchTransport
from liveprofile.streams.transport.haste import Haste
from liveprofile.streams.transport.pacing import FetchPace

CLICKS, ORDERS, FACTS = TP("clicks", 0), TP("orders", 1), TP("facts", 0)
HASTE = {"facts": Haste.AT_ONCE, "orders": Haste.AT_LEISURE}
AGENTS = {"clicks": "ingest", "orders": "ingest", "facts": "profile"}


class Alone(BatchConsumer):
    """The consumer without a thread: fetches come from a list, and commits go into one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fetches: list[Mapping[TP, Sequence[Any]]] = []
        self.asked: list[set[TP]] = []
        self.commits: list[Mapping[TP, int]] = []
        self.stored = True
        self.at_fetch: Callable[[], Awaitable[None]] | None = None
        self.fetcher = SimpleNamespace(should_stop=False)
        self._thread = SimpleNamespace(interrupt=lambda: None, in_group=True)

    def active_partitions(self) -> set[TP]:
        return {CLICKS, ORDERS}

    async def fetch(self, partitions: Any, longest_s: float) -> Any:
        self.asked.append(set(partitions))
        if self.at_fetch:
            await self.at_fetch()
        if len(self.fetches) <= 1:
            self.fetcher.should_stop = True
        return self.fetches.pop(0) if self.fetches else {}

    def message_of(self, tp: TP, record: Any) -> Any:
        return SimpleNamespace(tp=tp, offset=record.offset, tracked=False, value=None)

    async def store(self, offsets: Mapping[TP, int]) -> bool:
        self.commits.append(dict(offsets))
        return self.stored


@pytest.fixture
async def delivered() -> list[Any]:
    return []


@pytest.fixture
async def consumer(delivered: list[Any]) -> Alone:
    async def settle() -> None:
        """Nothing is in progress."""

    async def take(message: Any) -> None:
        delivered.append(message)

    async def on_change(_: Any) -> None:
        """Faust's app has nothing to do."""

    app = faust.App("alone", broker="kafka://127.0.0.1:1", loop=asyncio.get_running_loop())
    transport = BatchTransport(app, settle, AGENTS, FetchPace(0.01, HASTE))
    transport.Consumer = Alone
    made: Alone = transport.create_consumer(
        callback=take, on_partitions_revoked=on_change, on_partitions_assigned=on_change
    )
    made.flow_active = True
    return made


def batches_of(delivered: list[Any]) -> list[Any]:
    """All batches, in the order of their delivery."""
    return [batch for message in delivered for batch in message.value]


def records(*offsets: int) -> list[Any]:
    return [SimpleNamespace(offset=one) for one in offsets]


async def run(consumer: Alone) -> None:
    await asyncio.wait_for(consumer.drain(consumer.fetcher), 5.0)


async def test_what_an_agent_reads_in_one_fetch_is_one_event_of_a_batch_for_each_partition(
    consumer: Alone, delivered: list[Any]
) -> None:
    consumer.fetches = [{CLICKS: records(3, 4, 7), FACTS: records(5), ORDERS: records(9)}, {CLICKS: records(8)}]
    await run(consumer)
    told = [
        [(one.topic, one.partition, [record.offset for record in one.records]) for one in message.value]
        for message in delivered
    ]
    assert told == [
        [("clicks", 0, [3, 4, 7]), ("orders", 1, [9])],
        [("facts", 0, [5])],
        [("clicks", 0, [8])],
    ]
    assert [one.receipt.end for one in batches_of(delivered)] == [8, 10, 6, 9]
    assert [message.offset for message in delivered] == [7, 5, 8]
    assert all(message.tracked for message in delivered), "Faust keeps nothing of it"


async def test_only_what_is_acked_without_a_gap_is_committed_and_each_position_once(
    consumer: Alone, delivered: list[Any]
) -> None:
    consumer.fetches = [{CLICKS: records(3), ORDERS: records(9)}, {CLICKS: records(4, 5)}]
    await run(consumer)
    assert await consumer.force_commit() is False and not consumer.commits
    first, _, third = batches_of(delivered)
    third.receipt.ack()
    assert await consumer.force_commit() is False and not consumer.commits
    first.receipt.ack()
    assert await consumer.force_commit() is True
    assert await consumer.force_commit() is False
    assert consumer.commits == [{CLICKS: 6}]


async def test_a_commit_that_was_not_stored_is_made_again(consumer: Alone, delivered: list[Any]) -> None:
    consumer.fetches = [{CLICKS: records(3)}]
    await run(consumer)
    batches_of(delivered)[0].receipt.ack()
    consumer.stored = False
    assert await consumer.force_commit() is False
    consumer.stored = True
    assert await consumer.force_commit() is True
    assert consumer.commits == [{CLICKS: 4}, {CLICKS: 4}]


async def test_faust_acks_nothing(consumer: Alone, delivered: list[Any]) -> None:
    consumer.fetches = [{CLICKS: records(3)}]
    await run(consumer)
    assert consumer.ack(delivered[0]) is False
    assert await consumer.force_commit() is False


async def test_a_full_partition_is_not_fetched_until_there_is_room(consumer: Alone) -> None:
    interrupted: list[bool] = []
    consumer._thread = SimpleNamespace(interrupt=lambda: interrupted.append(True))
    consumer.pause(CLICKS)
    await run(consumer)
    consumer.resume(CLICKS)
    consumer.fetcher.should_stop = False
    await run(consumer)
    assert consumer.asked == [{ORDERS}, {CLICKS, ORDERS}] and interrupted == [True]


async def test_while_all_are_full_nothing_is_fetched_and_room_ends_the_wait_at_once(consumer: Alone) -> None:
    consumer.pause(CLICKS)
    consumer.pause(ORDERS)
    running = asyncio.create_task(run(consumer))
    await asyncio.sleep(0.05)
    assert not consumer.asked
    consumer.resume(ORDERS)
    await asyncio.wait_for(running, 0.5)
    assert consumer.asked == [{ORDERS}]


async def test_nothing_is_fetched_while_the_flow_is_stopped(consumer: Alone, delivered: list[Any]) -> None:
    consumer.fetches = [{CLICKS: records(3)}]
    consumer.stop_flow()
    running = asyncio.create_task(run(consumer))
    await asyncio.sleep(0.05)
    assert not consumer.asked
    consumer.resume_flow()
    await asyncio.wait_for(running, 2.0)
    assert len(delivered) == 1


@pytest.mark.parametrize("change", ["the flow stops", "the generation changes"])
async def test_what_was_fetched_for_an_ended_assignment_is_not_delivered(
    consumer: Alone, delivered: list[Any], change: str
) -> None:
    async def rebalance() -> None:
        if change == "the flow stops":
            consumer.flow_active = False
        else:
            consumer.app.consumer_generation_id += 1

    consumer.fetches, consumer.at_fetch = [{CLICKS: records(3)}], rebalance
    await run(consumer)
    assert consumer.asked and not delivered and not consumer.ledgers


async def test_a_cancelled_fetch_is_an_error_unless_something_is_stopping(consumer: Alone) -> None:
    async def cancelled() -> None:
        raise asyncio.CancelledError

    consumer.at_fetch = cancelled
    consumer.fetches = [{}, {}]
    with pytest.raises(asyncio.CancelledError):
        await consumer.drain(consumer.fetcher)

    async def stopping() -> None:
        consumer.fetcher.should_stop = True
        raise asyncio.CancelledError

    consumer.at_fetch = stopping
    await consumer.drain(consumer.fetcher)


async def test_a_revocation_settles_and_commits_before_it_drops_what_was_revoked(
    consumer: Alone, delivered: list[Any]
) -> None:
    consumer.fetches = [{CLICKS: records(3), ORDERS: records(9)}]
    await run(consumer)
    consumer.pause(CLICKS)

    async def settle() -> None:
        for batch in batches_of(delivered):
            batch.receipt.ack()

    consumer.transport.settle = settle
    await consumer.wait_empty()
    assert consumer.commits == [{CLICKS: 4, ORDERS: 10}]
    await consumer.on_partitions_revoked({CLICKS, TP("views", 5)})
    assert [batch.receipt.given_up for batch in batches_of(delivered)] == [True, False]
    assert set(consumer.ledgers) == {ORDERS}
    await run(consumer)
    assert consumer.asked == [{CLICKS, ORDERS}], "nothing more, as the fetcher has stopped"
    consumer.fetcher.should_stop = False
    await run(consumer)
    assert consumer.asked[-1] == {CLICKS, ORDERS}, "it is full no longer"


async def test_it_is_in_the_group_as_its_thread_says(consumer: Alone) -> None:
    assert consumer.in_group
    consumer._thread.in_group = False
    assert not consumer.in_group


async def test_what_this_process_wrote_is_fetched_at_once_only_where_a_stage_goes_on_with_it(consumer: Alone) -> None:
    hurried: list[list[str]] = []
    consumer._thread = SimpleNamespace(hurry=hurried.append)
    consumer.note_written({"facts", "clicks", "orders", "elsewhere"})
    consumer.note_written({"clicks", "orders"})
    assert hurried == [["facts"]]
