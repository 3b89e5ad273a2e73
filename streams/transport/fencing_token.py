"""A claim on partitions: from the moment it is taken, the broker refuses what holders of older claims still send.

Kafka keeps a producer id and an epoch under a name (a transactional id). Whoever asks again gets the next epoch, and a
partition that has seen an epoch takes nothing under a lower one. So that every partition sees it at once, an empty
transaction over all of them is aborted: the broker then writes a control marker into each, which no consumer is given.
Records themselves are written outside of any transaction, and cost what they cost before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiokafka import TopicPartition as AiokafkaPlace

from liveprofile.streams.transport.private_hooks.of_aiokafka import TransactionSender, sign_batch
from liveprofile.streams.transport.record import TopicPartition

MARK_TIMEOUT_MS = 60_000
"""After this long the broker aborts the empty transaction of a process that died while it took a claim."""
RETRY_MS = 20


class FencingToken:
    """The right to write some partitions, as one producer id and epoch; take it before their state is read.

    What an older holder wrote before stands in front of the markers, so a reader that starts afterwards sees it all.
    """

    def __init__(self, client: Any, name: str, places: Sequence[TopicPartition]) -> None:
        """`client` is a started aiokafka client, `name` the same for all who ever own these partitions."""
        self.name = name
        self._places = [AiokafkaPlace(*place) for place in places]
        self._sender = TransactionSender(client, name, MARK_TIMEOUT_MS, RETRY_MS)
        self._identity: Any = None

    async def take(self) -> None:
        """Return when every partition refuses older claims. Raises `KafkaError`, also when a newer claim came between.

        The end of a transaction is answered before its markers are written. The next epoch is given only after, so
        asking for it waits for them.
        """
        await self._next_epoch()
        await self.renew()
        await self._next_epoch()

    async def renew(self) -> None:
        """Mark the partitions again. Kafka forgets a name that is not used for a week, and its epochs with it."""
        identity = self._identity
        identity.begin_transaction()
        for place in self._places:
            identity.maybe_add_partition_to_txn(place)
        while missing := set(identity.partitions_to_add()):
            await self._sender.add_partitions(missing)
        if not identity.is_in_transaction():
            await identity.wait_for_transaction_end()  # raises what the broker refused
        identity.aborting_transaction()
        while identity.needs_transaction_commit() is not None:
            await self._sender.abort()

    def sign(self, batch: Any, topic: str, partition: int) -> None:
        """Have a batch sent under this claim, in the sequence of its partition, instead of as the producer's own."""
        identity, place = self._identity, AiokafkaPlace(topic, partition)

        def state() -> tuple[int, int, int]:
            sequence = identity.sequence_number(place)
            identity.increment_sequence_number(place, batch.record_count())
            return identity.producer_id, identity.producer_epoch, sequence

        sign_batch(batch, state)

    async def _next_epoch(self) -> None:
        self._identity = await self._sender.next_epoch()


async def acquire_token(client: Any, name: str, places: Sequence[TopicPartition]) -> FencingToken:
    """A claim that holds. Raises `KafkaError` where it cannot be had."""
    fencing_token = FencingToken(client, name, places)
    await fencing_token.take()
    return fencing_token
