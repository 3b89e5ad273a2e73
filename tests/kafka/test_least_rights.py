"""Each role can do its work with its rights on a broker that denies all else, and not with one of them fewer."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.errors import GroupCoordinatorNotAvailableError
from structlog.testing import capture_logs

from liveprofile.streams.admin.acls.apply import set_rights
from liveprofile.streams.admin.acls.denied import DeniedError, explain
from liveprofile.streams.admin.acls.grant import Grant, Operation, PatternType, ResourceType
from liveprofile.streams.admin.acls.rights import rights
from liveprofile.streams.admin.acls.role import Role
from liveprofile.streams.admin.consumer_groups import group_reader
from liveprofile.streams.admin.topics import create_topics, topic_shapes
from liveprofile.streams.broker import Broker
from liveprofile.streams.broker.security.mechanism import Mechanism
from liveprofile.streams.contract.topics import Topic, Topics
from liveprofile.streams.query.reader import open_reader
from liveprofile.streams.runtime.outbox import KafkaOutbox
from liveprofile.streams.runtime.partition_state import read_partition
from liveprofile.streams.transport.connection import Connection, client_arguments, consumer_arguments

pytestmark = pytest.mark.kafka

TOPICS = Topics("least", 1)
LATER = TOPICS.state_of(2)
ANYBODYS = TopicPartition(TOPICS.lineage, 0)
"""Whoever has a consumer group or takes fencing tokens may read and write it."""
IMPLYING = {Operation.READ, Operation.WRITE, Operation.DELETE}
"""Each implies Describe in Kafka's own authoriser: with one of them, Describe is listed for other ones."""


class Place(NamedTuple):
    """A secured broker with the topics of one application, and the user of whom rights are taken away."""

    broker: Broker
    superuser: Connection
    user: Connection


class Right(NamedTuple):
    """One operation on a resource."""

    role: Role
    grant: Grant
    operation: Operation

    def __str__(self) -> str:
        return (
            f"{self.role}-{self.operation}-{self.grant.name}{'*' * (self.grant.pattern_type is PatternType.PREFIXED)}"
        )

    @property
    def name(self) -> str:
        """A resource that it is about."""
        if self.grant.pattern_type is PatternType.LITERAL:
            return self.grant.name
        return LATER if self.grant.resource_type is ResourceType.TOPIC else f"{self.grant.name}2"


RIGHTS = [
    Right(role, grant, operation)
    for role in Role
    for grant in rights([role], TOPICS)
    for operation in grant.operations
    if operation is not Operation.DESCRIBE or IMPLYING.isdisjoint(grant.operations)
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with Broker(tmp_path_factory.mktemp("least"), secure=Mechanism.SCRAM) as broker:
        secured = broker.admit(["somebody"])
        asyncio.run(prepare(secured.superuser))
        yield Place(broker, secured.superuser, secured.connection("somebody"))


async def prepare(superuser: Connection) -> None:
    """Make all topics with a record in each, and wait until groups have a coordinator."""
    topics = [*TOPICS.all(), TOPICS.state_topic(2)]
    await create_topics(superuser, topics)
    async with KafkaOutbox(superuser) as outbox, group_reader(superuser, TOPICS.activity, 1) as groups:
        for topic in topics:
            await outbox.send(topic.name, 0, [(b"key", b"value", [])])
        while True:
            with suppress(GroupCoordinatorNotAvailableError):
                await groups.committed(TOPICS.group)
                return
            await asyncio.sleep(0.1)


async def allow(place: Place, grants: list[Grant]) -> None:
    await set_rights(place.superuser, {"User:somebody": grants})


async def read(place: Place, name: str) -> None:
    async for _ in read_partition(place.user, name, 0):
        pass


async def write(place: Place, name: str) -> None:
    async with KafkaOutbox(place.user) as outbox:
        await outbox.send(name, 0, [(b"key", b"value", [])])


async def ask_for_the_end(place: Place, name: str) -> None:
    async with open_reader(place.user) as reader:
        await reader.ends(reader.places([name]))


async def look_at_the_configuration(place: Place, name: str) -> None:
    with capture_logs() as lines:
        found = await topic_shapes(place.user, TOPICS)
    if name not in found:
        (line,) = [line for line in lines if line.get("topic") == name]
        raise DeniedError(f"{line['event']}: {line['reason']}", line["next"])


async def create(place: Place, name: str) -> None:
    admin = AIOKafkaAdminClient(**client_arguments(place.superuser))
    await admin.start()
    try:
        await admin.delete_topics([name])
        while name in await admin.list_topics():  # noqa: ASYNC110 - Kafka tells nobody
            await asyncio.sleep(0.02)
    finally:
        await admin.close()
    whole = next((topic for topic in TOPICS.all() if topic.name == name), Topic(name, 1))
    try:
        await create_topics(place.user, [whole])
    finally:
        await create_topics(place.superuser, [whole])
        async with KafkaOutbox(place.superuser) as outbox:
            await outbox.send(name, 0, [(b"key", b"value", [])])


async def delete(place: Place, name: str) -> None:
    if name == TOPICS.activity:
        admin = AIOKafkaAdminClient(**client_arguments(place.user))
        await admin.start()
        try:
            await admin.delete_records({TopicPartition(name, 0): RecordsToDelete(0)})
        finally:
            await admin.close()
        return
    try:
        async with group_reader(place.user, TOPICS.activity, 1) as groups:
            await groups.delete(name)
    finally:
        await create_topics(place.superuser, [TOPICS.state_topic(2)])


async def consume(place: Place, group: str) -> None:
    consumer = AIOKafkaConsumer(**consumer_arguments(place.user), group_id=group, enable_auto_commit=False)
    try:
        await consumer.start()
        consumer.assign([ANYBODYS])
        await consumer.commit({ANYBODYS: 0})
    finally:
        await consumer.stop()


async def forget(place: Place, group: str) -> None:
    async with group_reader(place.user, TOPICS.activity, 1) as groups:
        await groups.forget(group)


async def ask_for_what_is_committed(place: Place, group: str) -> None:
    async with group_reader(place.user, TOPICS.activity, 1) as groups:
        await groups.committed(group)


async def take_a_fencing_token(place: Place, name: str) -> None:
    async with KafkaOutbox(place.user) as outbox:
        await outbox.acquire_token(name, [ANYBODYS])


DEEDS: dict[tuple[ResourceType, Operation], Callable[[Place, str], Awaitable[None]]] = {
    (ResourceType.TOPIC, Operation.READ): read,
    (ResourceType.TOPIC, Operation.WRITE): write,
    (ResourceType.TOPIC, Operation.DESCRIBE): ask_for_the_end,
    (ResourceType.TOPIC, Operation.DESCRIBE_CONFIGS): look_at_the_configuration,
    (ResourceType.TOPIC, Operation.CREATE): create,
    (ResourceType.TOPIC, Operation.DELETE): delete,
    (ResourceType.GROUP, Operation.READ): consume,
    (ResourceType.GROUP, Operation.DELETE): forget,
    (ResourceType.GROUP, Operation.DESCRIBE): ask_for_what_is_committed,
    (ResourceType.TRANSACTIONAL_ID, Operation.WRITE): take_a_fencing_token,
}


@pytest.mark.parametrize("role", list(Role))
async def test_with_its_rights_a_role_can_do_all_of_its_work(place: Place, role: Role) -> None:
    await allow(place, list(rights([role], TOPICS)))
    for right in RIGHTS:
        if right.role is role:
            await DEEDS[right.grant.resource_type, right.operation](place, right.name)


@pytest.mark.parametrize("right", RIGHTS, ids=str)
async def test_with_one_right_fewer_a_part_of_it_fails_and_the_role_is_named(place: Place, right: Right) -> None:
    left = tuple(one for one in right.grant.operations if one is not right.operation)
    granted = [one for one in rights([right.role], TOPICS) if one != right.grant]
    await allow(place, [*granted, *([replace(right.grant, operations=left)] if left else [])])
    with pytest.raises(Exception) as caught:
        await DEEDS[right.grant.resource_type, right.operation](place, right.name)
    told = caught.value
    if not isinstance(told, DeniedError):
        told = await asyncio.to_thread(explain, told, [right.role], TOPICS, place.user)
    assert isinstance(told, DeniedError), repr(caught.value)
    if right.operation is Operation.DESCRIBE_CONFIGS:
        assert "DescribeConfigs on it is not allowed" in str(told)
    else:
        assert f"acls --role {right.role}" in str(told)
