"""Appends a control record to partitions of `activity`; every worker applies it at its position in the log."""

from collections.abc import Callable, Iterable

from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import MissingTopicError
from liveprofile.streams.runtime.outbox import KafkaOutbox
from liveprofile.streams.runtime.ownership import refuse_others
from liveprofile.streams.transport.connection import Bootstrap


async def append_control(
    bootstrap: Bootstrap,
    topics: Topics,
    client_id: str,
    key: bytes,
    record: bytes,
    choose: Callable[[int], Iterable[int]],
) -> list[int]:
    """Append it to the partitions that `choose` selects from their number; returns them when all writes are durable.

    SetupError without the topic and where topics belong to another application, NoKafkaError without Kafka,
    DeliveryError if the result is unknown.
    """
    async with KafkaOutbox(bootstrap, client_id=client_id) as outbox:
        count = (await outbox.partition_counts([topics.activity]))[topics.activity]
        if not count:
            raise MissingTopicError(
                [topics.activity],
                f"There is no topic {topics.activity}, so no worker would apply it.",
                "Check app_id and bootstrap.",
            )
        await refuse_others(outbox, bootstrap, topics.lineage, topics.remembered)
        chosen = list(choose(count))
        for number in chosen:
            await outbox.send(topics.activity, number, [(key, record, ())])
    return chosen
