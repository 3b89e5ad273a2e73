"""Appends a control record to partitions of `activity`; every worker applies it at its position in the log."""

from collections.abc import Callable, Iterable

from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import UserError
from liveprofile.streams.runtime.outbox import KafkaOutbox


async def append_control(
    bootstrap: str, topics: Topics, client_id: str, key: bytes, record: bytes, choose: Callable[[int], Iterable[int]]
) -> list[int]:
    """Append it to the partitions that `choose` selects from their number; returns them when all writes are durable.

    UserError without the topic, NoKafkaError without Kafka, DeliveryError if the result is unknown.
    """
    async with KafkaOutbox(bootstrap, client_id=client_id) as outbox:
        count = (await outbox.partition_counts([topics.activity]))[topics.activity]
        if not count:
            raise UserError(
                f"There is no topic {topics.activity}, so no worker would apply it.", "Check app_id and bootstrap."
            )
        chosen = list(choose(count))
        for number in chosen:
            await outbox.send(topics.activity, number, [(key, record, ())])
    return chosen
