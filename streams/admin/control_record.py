"""Appends a control record to partitions of `activity`: what every worker obeys at that place of the log."""

from collections.abc import Callable, Iterable

from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import UserError
from liveprofile.streams.runtime.outbox import KafkaOutbox


async def append_control(
    bootstrap: str, topics: Topics, client_id: str, key: bytes, record: bytes, choose: Callable[[int], Iterable[int]]
) -> list[int]:
    """Append it where `choose` says, given how many partitions there are; returns which, when all are durable.

    UserError without the topic, ConnectionError without Kafka, DeliveryError where it may or may not have arrived.
    """
    async with KafkaOutbox(bootstrap, client_id=client_id) as outbox:
        count = (await outbox.partition_counts([topics.activity]))[topics.activity]
        if not count:
            raise UserError(
                f"There is no topic {topics.activity}, so nobody would obey.", "Check app_id and bootstrap."
            )
        chosen = list(choose(count))
        for number in chosen:
            await outbox.send(topics.activity, number, [(key, record, ())])
    return chosen
