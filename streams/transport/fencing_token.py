"""A fencing token for partitions: once it is acquired, the broker refuses records of holders of older tokens.

Kafka stores a producer id and an epoch under a name (a transactional id). Each new request gets the next epoch. A
partition that has seen an epoch accepts nothing under a lower one. To make every partition see it at once, an empty
transaction over all of them is aborted. The broker then writes a control marker into each, which consumers never see.
Records are written outside of any transaction, and cost nothing extra.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiokafka import TopicPartition as AiokafkaPlace

from liveprofile.streams.transport.private_hooks.of_aiokafka import TransactionSender, sign_batch
from liveprofile.streams.transport.record import TopicPartition

MARK_TIMEOUT_MS = 60_000
"""The broker aborts the empty transaction of a process that died while acquiring a token after this time."""
RETRY_MS = 20


class FencingToken:
    """The right to write some partitions, as one producer id and epoch; acquire it before reading their state.

    Records of older holders are in front of the markers, so a reader that starts afterwards sees all of them.
    """

    def __init__(self, client: Any, name: str, places: Sequence[TopicPartition]) -> None:
        """`client` is a started aiokafka client; all owners of these partitions use the same `name`."""
        self.name = name
        self._places = [AiokafkaPlace(*place) for place in places]
        self._sender = TransactionSender(client, name, MARK_TIMEOUT_MS, RETRY_MS)
        self._identity: Any = None

    async def acquire(self) -> None:
        """Return when every partition refuses older tokens. Raises `KafkaError`, also if a newer token was acquired.

        Kafka confirms the end of a transaction before its markers are written. It gives the next epoch only after that,
        so requesting the next epoch waits for the markers.
        """
        await self._next_epoch()
        await self.renew()
        await self._next_epoch()

    async def renew(self) -> None:
        """Write the markers again. Kafka forgets a name that is not used for a week, together with its epochs."""
        identity = self._identity
        identity.begin_transaction()
        for place in self._places:
            identity.maybe_add_partition_to_txn(place)
        while missing := set(identity.partitions_to_add()):
            await self._sender.add_partitions(missing)
        if not identity.is_in_transaction():
            await identity.wait_for_transaction_end()  # raises the broker's error
        identity.aborting_transaction()
        while identity.needs_transaction_commit() is not None:
            await self._sender.abort()

    def sign(self, batch: Any, topic: str, partition: int) -> None:
        """Let a batch be sent under this token, in the sequence of its partition, instead of the producer's own."""
        identity, place = self._identity, AiokafkaPlace(topic, partition)

        def state() -> tuple[int, int, int]:
            sequence = identity.sequence_number(place)
            identity.increment_sequence_number(place, batch.record_count())
            return identity.producer_id, identity.producer_epoch, sequence

        sign_batch(batch, state)

    async def _next_epoch(self) -> None:
        self._identity = await self._sender.next_epoch()


async def acquire_token(client: Any, name: str, places: Sequence[TopicPartition]) -> FencingToken:
    """An acquired token. Raises `KafkaError` if it cannot be acquired."""
    fencing_token = FencingToken(client, name, places)
    await fencing_token.acquire()
    return fencing_token
