"""What we need of aiokafka below its public interface, by functions with public names."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from copy import copy
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import ConnectionGroup, CoordinationType
from aiokafka.errors import ConsumerStoppedError
from aiokafka.producer.sender import EndTxnHandler, Sender
from aiokafka.producer.transaction_manager import TransactionManager, TransactionResult
from aiokafka.protocol.fetch import FetchRequest

NO_LEADER = -1


def client_of(consumer: AIOKafkaConsumer) -> Any:
    """The client of a started consumer."""
    return consumer._client


def fetch_near(consumer: AIOKafkaConsumer, rack: str) -> None:
    """Have a consumer that has not started fetch from copies in a rack. Faust has no setting for it."""
    consumer._client_rack = rack


def admin_client_of(admin: AIOKafkaAdminClient) -> Any:
    """The client of an admin client."""
    return admin._client


def connect_through(
    client: Any, ask: Callable[[tuple[str, int]], Awaitable[bool]], tell: Callable[[tuple[str, int], bool], None]
) -> None:
    """Have a client ask before it connects to a broker, and tell whether that answered.

    Where `ask` says no, the client behaves as if the broker had not answered. A connection that stands is used as
    before.
    """
    connect = client._get_conn

    async def gated(
        node_id: Any, *, group: ConnectionGroup = ConnectionGroup.DEFAULT, no_hint: bool = False
    ) -> Any | None:
        standing, broker = client._conns.get((node_id, group)), client.cluster.broker_metadata(node_id)
        if broker is None or (standing is not None and standing.connected()):
            return await connect(node_id, group=group, no_hint=no_hint)
        address = (broker.host, broker.port)
        if not await ask(address):
            client.force_metadata_update()  # as after a failed attempt: another broker may lead by now
            return None
        connection = await connect(node_id, group=group, no_hint=no_hint)
        tell(address, connection is not None)
        return connection

    client._get_conn = gated


def refresh_through(client: Any, wait_s: Callable[[], float]) -> None:
    """Have a client wait for `wait_s()` before it refreshes its metadata in the background."""
    refresh = client._metadata_update

    async def paced(cluster: Any, topics: Any) -> bool:
        if cluster is client.cluster and (pause_s := wait_s()) > 0:
            await asyncio.sleep(pause_s)
        return bool(await refresh(cluster, topics))

    client._metadata_update = paced


def keep_batches(producer: AIOKafkaProducer) -> None:
    """Let no batch expire: its caller decides how long it waits, and a later one would have a wrong sequence."""
    producer._message_accumulator._batch_ttl = float("inf")


def add_at_once(producer: AIOKafkaProducer, batch: Any, topic: str, partition: int) -> asyncio.Future[Any] | None:
    """Give a producer a closed batch if that needs no waiting: its delivery, or None where `send_batch` has to wait.

    `send_batch` does the same in three more turns of the event loop. It also asks for the metadata of a topic that the
    client has not met; a batch without a known leader would hold up all others meanwhile.
    """
    accumulator, place = producer._message_accumulator, TopicPartition(topic, partition)
    if accumulator._closed or accumulator._exception is not None or accumulator._batches.get(place):
        return None
    if producer.client.cluster.leader_for_partition(place) in (None, NO_LEADER):
        return None
    delivery: asyncio.Future[Any] = accumulator._append_batch(batch, place).future
    return delivery


def generation_of(consumer: AIOKafkaConsumer) -> int:
    """The group generation that a consumer was let in with."""
    return int(consumer._coordinator.generation)


async def end_coordination(consumer: AIOKafkaConsumer) -> None:
    """End the coordination with the group: a member that was put out would join again."""
    coordination = consumer._coordinator._coordination_task
    coordination.cancel()
    await asyncio.wait((coordination,))


def is_reassigning(consumer: AIOKafkaConsumer) -> bool:
    """Whether a rebalance is under way. Raises `ConsumerStoppedError` where the consumer was stopped."""
    if consumer._closed or consumer._fetcher._closed:
        raise ConsumerStoppedError()
    return bool(consumer._fetcher._subscriptions.reassignment_in_progress)


async def fetched_already(
    consumer: AIOKafkaConsumer, partitions: Collection[TopicPartition], max_records: int | None
) -> Mapping[Any, Any]:
    """What the fetcher holds; never waits if `is_reassigning` was false, and nothing ran in between."""
    fetcher = consumer._fetcher
    with fetcher._subscriptions.fetch_context():
        found: Mapping[Any, Any] = await fetcher.fetched_records(partitions, timeout=0, max_records=max_records)
        return found


def fetch_position(consumer: AIOKafkaConsumer, place: TopicPartition) -> tuple[int | None, int | None]:
    """The offset of the next record that a consumer gives out, and the partition's end as of the last response.

    None where they are not known. Callable from any thread, because it only reads.
    """
    subscription = consumer._fetcher._subscriptions.subscription if consumer._fetcher is not None else None
    assignment = subscription.assignment if subscription is not None else None
    state = assignment.state_value(place) if assignment is not None else None
    if state is None or not state.has_valid_position:
        return None, None
    return state.position, state.highwater


def new_data(consumer: AIOKafkaConsumer) -> asyncio.Future[None]:
    """Done when something is fetched, or with what the fetcher ran into."""
    waiter: asyncio.Future[None] = consumer._fetcher._create_fetch_waiter()
    return waiter


def cancel_fetching(consumer: AIOKafkaConsumer) -> None:
    """Cancel the fetcher once more."""
    consumer._fetcher._fetch_task.cancel()


def limited_to(topics: Collection[str], request: FetchRequest, wait_ms: int | None = None) -> FetchRequest:
    """A fetch of some topics of another one, for which the broker waits `wait_ms` at most, if that is given."""
    limited = copy(request)
    limited._topics = [(topic, partitions) for topic, partitions in request.topics if topic in topics]
    limited._max_wait_ms = request._max_wait_ms if wait_ms is None else wait_ms
    return limited


async def ask_coordinator(admin: AIOKafkaAdminClient, group: str, request: Any) -> Any:
    """Send a request to the broker that coordinates a group; returns its response."""
    return await admin._send_request(request, await admin.find_coordinator(group))


async def ask(admin: AIOKafkaAdminClient, request: Any) -> Any:
    """Send a request to a broker, whichever it is; returns its response."""
    return await admin._send_request(request)


async def abandon(producer: AIOKafkaProducer) -> None:
    """Stop a producer without flushing it."""
    await producer._sender.close()
    await producer.client.close()


def sign_batch(batch: Any, state: Callable[[], tuple[int, int, int]]) -> None:
    """Have a batch sent under a producer id, epoch and base sequence of ours, asked for when it goes out."""

    def set_ours(*of_the_producer: int) -> None:
        del batch._set_producer_state  # it refers to the batch, whose memory would wait for the garbage collector
        batch._set_producer_state(*state())

    batch._set_producer_state = set_ours


class TransactionSender:
    """Requests of transactions, without a producer around them."""

    def __init__(self, client: Any, name: str, timeout_ms: int, retry_ms: int) -> None:
        """`client` is a started aiokafka client, `name` the transactional id."""
        self._name, self._timeout_ms = name, timeout_ms
        self._sender = Sender(
            client,
            acks=-1,
            txn_manager=None,
            message_accumulator=None,
            retry_backoff_ms=retry_ms,
            request_timeout_ms=client._request_timeout_ms,
        )

    async def next_epoch(self) -> TransactionManager:
        """The name's producer id with its next epoch."""
        identity = self._sender._txn_manager = TransactionManager(self._name, self._timeout_ms)
        await self._sender._maybe_wait_for_pid()
        return identity

    async def add_partitions(self, places: Iterable[TopicPartition]) -> None:
        """Make partitions part of the transaction."""
        await self._sender._do_add_partitions_to_txn(set(places))

    async def abort(self) -> None:
        """End the transaction."""
        node = await self._sender._find_coordinator(CoordinationType.TRANSACTION, self._name)
        await EndTxnHandler(self._sender, TransactionResult.ABORT).do(node)
