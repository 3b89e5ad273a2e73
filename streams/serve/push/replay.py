"""Reads again from Kafka what a client of the stream missed."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from liveprofile.streams.serve.follow.apply import Fact, profile_of
from liveprofile.streams.transport.connecting import ConnectionGate
from liveprofile.streams.transport.connection import Bootstrap, consumer_arguments
from liveprofile.streams.transport.private_hooks.of_aiokafka import client_of

MOST_RECORDS = 500
POLL_MS = 500


@dataclass(frozen=True, slots=True)
class Behind:
    """Where a client is, and where the stream is, by partition."""

    since: Mapping[TopicPartition, int]
    until: Mapping[TopicPartition, int]


Earliest = Mapping[TopicPartition, int]
"""The first offsets that there are, where those that were asked for are gone, or never were."""


async def replayed(bootstrap: Bootstrap, behind: Behind) -> AsyncIterator[Fact | Earliest]:
    """The facts in between, each partition in its order. Before them the earliest offsets, if some are gone."""
    places = [place for place, offset in behind.since.items() if offset < behind.until[place]]
    beyond = {place: behind.until[place] for place, at in behind.since.items() if at > behind.until[place]}
    if not places and not beyond:
        return
    consumer = AIOKafkaConsumer(**consumer_arguments(bootstrap), enable_auto_commit=False, auto_offset_reset="earliest")
    gate = ConnectionGate(client_of(consumer))
    try:
        await consumer.start()
        begins = await consumer.beginning_offsets(places) if places else {}
        gone = {place: begin for place, begin in begins.items() if begin > behind.since[place]}
        if gone or beyond:
            yield {**behind.since, **gone, **beyond}
        consumer.assign(places)
        for place in places:
            consumer.seek(place, max(behind.since[place], begins[place]))
        left = {place for place in places if begins[place] < behind.until[place]}
        while left:
            batches = await consumer.getmany(*left, timeout_ms=POLL_MS, max_records=MOST_RECORDS)
            for place, records in batches.items():
                for record in records:
                    if record.offset < behind.until[place] and (fact := _fact(record)) is not None:
                        yield fact
            left = {place for place in left if await consumer.position(place) < behind.until[place]}
    except KafkaError:
        return  # the client comes back with the last id that it has
    finally:
        gate.give_up()
        await consumer.stop()


def _fact(record: object) -> Fact | None:
    """A record as a fact; None for one that cannot be read, which the follower passes over, too."""
    try:
        profile_id = profile_of(record)
    except ValueError:
        return None
    return Fact(record.topic, record.partition, record.offset, profile_id, record.value or b"")  # type: ignore[attr-defined]  # aiokafka has no types
