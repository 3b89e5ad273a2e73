"""What consumer groups have committed, and how to forget a group that is done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupIdNotFound, KafkaError, NonEmptyGroup, UnknownTopicOrPartitionError, for_code
from aiokafka.protocol.admin import DeleteGroupsRequest

from liveprofile.streams.admin.topics import TopicError
from liveprofile.streams.transport.connection import Bootstrap, client_arguments, consumer_arguments, no_kafka
from liveprofile.streams.transport.private_hooks.of_aiokafka import ask_coordinator


class GroupReader:
    """Asks for the offsets of one topic and of the groups that read it."""

    def __init__(self, admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer, topic: str, partitions: int) -> None:
        self._admin = admin
        self._consumer = consumer
        self._places = [TopicPartition(topic, number) for number in range(partitions)]

    async def first(self) -> list[int]:
        """The first offset of each partition."""
        found = await self._consumer.beginning_offsets(self._places)
        return [found[place] for place in self._places]

    async def end(self) -> list[int]:
        """The offset that the next record of each partition gets."""
        found = await self._consumer.end_offsets(self._places)
        return [found[place] for place in self._places]

    async def oldest_ms(self, partition: int) -> int | None:
        """When the oldest record that is left was written, epoch milliseconds; None for an empty partition."""
        place = self._places[partition]
        found = (await self._consumer.offsets_for_times({place: 0}))[place]
        return int(found.timestamp) if found is not None else None

    async def committed(self, group: str) -> list[int | None]:
        """What a group has committed of each partition; None for nothing."""
        found = await self._admin.list_consumer_group_offsets(group)
        return [found[place].offset if place in found and found[place].offset >= 0 else None for place in self._places]

    async def forget(self, group: str) -> None:
        """Delete a group with its offsets. TopicError while it has members."""
        response = await ask_coordinator(self._admin, group, DeleteGroupsRequest([group]))
        for _, code in response.results:
            if (error := for_code(code)) is NonEmptyGroup:
                raise TopicError(
                    f"Processes of the group {group} are running, or one ended less than its session ago.",
                    "Stop all of them, wait for worker.session_timeout_s, then run this again.",
                )
            if code and error is not GroupIdNotFound:
                raise error(group)

    async def delete(self, topic: str) -> None:
        """Delete a topic. KafkaError if Kafka does not; one that is gone already is none."""
        response = await self._admin.delete_topics([topic])
        for name, code in response.topic_error_codes:
            if code and for_code(code) is not UnknownTopicOrPartitionError:
                raise for_code(code)(f"topic {name}")


@asynccontextmanager
async def group_reader(bootstrap: Bootstrap, topic: str, partitions: int) -> AsyncIterator[GroupReader]:
    """A connected reader. NoKafkaError where no Kafka answers."""
    admin = AIOKafkaAdminClient(**client_arguments(bootstrap))
    consumer = AIOKafkaConsumer(**consumer_arguments(bootstrap), enable_auto_commit=False)
    try:
        await admin.start()
        await consumer.start()
    except (KafkaError, OSError) as problem:
        await admin.close()
        await consumer.stop()
        raise no_kafka(bootstrap, "Start one with `liveprofile broker start`, or correct --bootstrap.") from problem
    try:
        yield GroupReader(admin, consumer, topic, partitions)
    finally:
        await consumer.stop()
        await admin.close()
