"""The consumer thread: a fetch ends with records, in time, or by a rebalance; without Kafka nobody waits for long."""

import asyncio
import time
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import ConsumerStoppedError, TopicAuthorizationFailedError

from liveprofile.streams.transport.fetching import BatchConsumerThread
from liveprofile.streams.transport.private_hooks.of_faust import NO_GENERATION, OpenThread


class Fetcher:
    """aiokafka's fetcher with records that come one after the other."""

    def __init__(self) -> None:
        self.held: dict[str, list[int]] = {}
        self.looks = 0
        self.waiters: list[asyncio.Future[None]] = []
        self._closed = False
        self._subscriptions = SimpleNamespace(reassignment_in_progress=False, fetch_context=self._context)

    @contextmanager
    def _context(self) -> Any:
        yield

    async def fetched_records(self, partitions: Any, timeout: float, max_records: int | None) -> Any:  # noqa: ASYNC109
        assert timeout == 0
        self.looks += 1
        found, self.held = self.held, {}
        return found

    def _create_fetch_waiter(self) -> asyncio.Future[None]:
        self.waiters.append(asyncio.get_running_loop().create_future())
        return self.waiters[-1]

    def arrive(self, **records: list[int]) -> None:
        self.held = records
        self.waiters[-1].set_result(None)


class Kafka:
    """A consumer of aiokafka."""

    def __init__(self, generation: int = 5, assigned: frozenset[str] = frozenset({"clicks"})) -> None:
        self._closed = False
        self._fetcher = Fetcher()
        self._coordinator = SimpleNamespace(
            generation=generation, _coordination_task=asyncio.ensure_future(asyncio.sleep(60))
        )
        self.assignment = lambda: assigned


@pytest.fixture
async def kafka() -> Kafka:
    return Kafka()


@pytest.fixture
async def thread(kafka: Kafka) -> BatchConsumerThread:
    """The thread's object; its loop is the test's."""
    made = BatchConsumerThread.__new__(BatchConsumerThread)
    made._consumer = kafka
    made.consumer = SimpleNamespace(flow_active=True)
    made.thread_loop = asyncio.get_running_loop()
    made.begun()
    return made


async def fetch(thread: BatchConsumerThread, longest_s: float) -> tuple[Any, float]:
    began = time.monotonic()
    found = await asyncio.wait_for(thread.fetch_records(thread.kafka, {"clicks"}, longest_s, None), 10.0)  # type: ignore[arg-type]
    return found, time.monotonic() - began


async def test_what_is_there_is_given_at_once(thread: BatchConsumerThread, kafka: Kafka) -> None:
    kafka._fetcher.held = {"clicks": [1]}
    found, took_s = await fetch(thread, 5.0)
    assert found == {"clicks": [1]} and took_s < 1.0 and not kafka._fetcher.waiters


async def test_without_records_a_fetch_waits_as_long_as_it_is_told(thread: BatchConsumerThread, kafka: Kafka) -> None:
    found, took_s = await fetch(thread, 0.3)
    assert found == {} and 0.25 <= took_s < 3.0
    assert kafka._fetcher.looks == 2, "once at the begin, once at the end"
    found, took_s = await fetch(thread, 0.0)
    assert found == {} and took_s < 0.25


async def test_a_fetch_without_time_looks_once_and_waits_for_nothing(
    thread: BatchConsumerThread, kafka: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liveprofile.streams.transport.fetching.monotonic", lambda: 7.0)
    assert (await fetch(thread, 0.0))[0] == {}
    assert kafka._fetcher.looks == 1 and not kafka._fetcher.waiters


async def test_records_that_arrive_meanwhile_end_the_wait(thread: BatchConsumerThread, kafka: Kafka) -> None:
    fetching = asyncio.create_task(fetch(thread, 5.0))
    await asyncio.sleep(0.05)
    kafka._fetcher.arrive(clicks=[2, 3])
    found, took_s = await fetching
    assert found == {"clicks": [2, 3]} and took_s < 2.0


async def test_an_arrival_for_others_does_not_end_it(thread: BatchConsumerThread, kafka: Kafka) -> None:
    fetching = asyncio.create_task(fetch(thread, 5.0))
    await asyncio.sleep(0.05)
    kafka._fetcher.arrive()
    await asyncio.sleep(0.05)
    assert not fetching.done() and len(kafka._fetcher.waiters) == 2
    kafka._fetcher.arrive(clicks=[4])
    assert (await fetching)[0] == {"clicks": [4]}


async def test_an_interruption_ends_the_present_fetch_or_the_next_and_only_one(
    thread: BatchConsumerThread, kafka: Kafka
) -> None:
    fetching = asyncio.create_task(fetch(thread, 5.0))
    await asyncio.sleep(0.05)
    thread.interrupt()
    found, took_s = await fetching
    assert found == {} and took_s < 2.0
    thread.interrupt()
    await asyncio.sleep(0.01)
    assert (await fetch(thread, 5.0))[1] < 2.0
    assert (await fetch(thread, 0.3))[1] >= 0.25
    assert all(one.done() for one in kafka._fetcher.waiters)


async def test_an_error_of_the_fetcher_is_raised(thread: BatchConsumerThread, kafka: Kafka) -> None:
    fetching = asyncio.create_task(fetch(thread, 5.0))
    await asyncio.sleep(0.05)
    kafka._fetcher.waiters[-1].set_exception(TopicAuthorizationFailedError("clicks"))
    with pytest.raises(TopicAuthorizationFailedError):
        await fetching


@pytest.mark.parametrize("why", ["a rebalance", "the flow"])
async def test_nothing_is_fetched_in_a_rebalance_or_while_the_flow_is_stopped(
    thread: BatchConsumerThread, kafka: Kafka, why: str
) -> None:
    kafka._fetcher.held = {"clicks": [1]}
    kafka._fetcher._subscriptions.reassignment_in_progress = why == "a rebalance"
    thread.consumer.flow_active = why != "the flow"
    assert (await fetch(thread, 5.0))[0] == {} and not kafka._fetcher.looks


@pytest.mark.parametrize("what", ["consumer", "fetcher"])
async def test_a_fetch_from_a_stopped_consumer_is_an_error(
    thread: BatchConsumerThread, kafka: Kafka, what: str
) -> None:
    (kafka if what == "consumer" else kafka._fetcher)._closed = True  # type: ignore[attr-defined]
    with pytest.raises(ConsumerStoppedError):
        await fetch(thread, 5.0)


async def test_a_thread_is_in_the_group_once_it_has_a_generation(thread: BatchConsumerThread, kafka: Kafka) -> None:
    assert thread.in_group
    kafka._coordinator.generation = NO_GENERATION
    assert not thread.in_group
    thread._consumer = None
    assert not thread.in_group


@pytest.fixture
def stock(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was left to Faust."""
    left: list[Any] = []

    async def revoked(self: Any, partitions: Any) -> None:
        left.append(partitions)

    async def stopped(self: Any) -> None:
        left.append("stopped")

    monkeypatch.setattr(OpenThread, "on_partitions_revoked", revoked)
    monkeypatch.setattr(OpenThread, "on_thread_stop", stopped)
    return left


async def test_a_revocation_ends_the_fetch_and_is_left_to_faust_for_a_member(
    thread: BatchConsumerThread, stock: list[Any]
) -> None:
    fetching = asyncio.create_task(fetch(thread, 5.0))
    await asyncio.sleep(0.05)
    await thread.on_partitions_revoked({"clicks"})
    assert (await fetching)[1] < 2.0 and stock == [{"clicks"}]


async def test_a_member_that_was_put_out_does_not_join_again_and_one_that_never_joined_does(
    thread: BatchConsumerThread, kafka: Kafka, stock: list[Any]
) -> None:
    kafka._coordinator.generation = NO_GENERATION
    with pytest.raises(asyncio.CancelledError):
        await thread.on_partitions_revoked({"clicks"})
    assert not stock
    await thread.on_partitions_revoked(set())
    assert stock == [set()]


@pytest.mark.parametrize(
    ("generation", "assigned", "ends"),
    [(NO_GENERATION, {"clicks"}, True), (NO_GENERATION, set(), False), (5, {"clicks"}, False), (5, set(), False)],
)
async def test_only_the_coordination_of_a_member_that_was_put_out_is_ended_before_the_stop(
    thread: BatchConsumerThread, stock: list[Any], generation: int, assigned: set[str], ends: bool
) -> None:
    kafka = thread._consumer = Kafka(generation, frozenset(assigned))
    await thread.on_thread_stop()
    assert kafka._coordinator._coordination_task.cancelled() is ends and stock == ["stopped"]


async def test_a_thread_that_never_connected_stops(thread: BatchConsumerThread, stock: list[Any]) -> None:
    thread._consumer = None
    await thread.on_thread_stop()
    assert stock == ["stopped"]


async def test_faust_may_leave_the_time_of_a_fetch_open(thread: BatchConsumerThread, kafka: Kafka) -> None:
    for given, expected in ((None, 0.0), (0.2, 0.2)):
        began = time.monotonic()
        assert await thread._fetch_records(kafka, {"clicks"}, given) == {}  # type: ignore[arg-type]
        assert expected * 0.9 <= time.monotonic() - began < expected + 0.15


def test_a_thread_that_ends_after_the_main_loop_has_closed_says_nothing() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    BatchConsumerThread.set_shutdown(SimpleNamespace(parent_loop=loop))
