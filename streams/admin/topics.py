"""Creates an application's topics, and lists existing ones."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from liveprofile.streams.contract.topics import Topic, Topics
from liveprofile.streams.errors import ExitCode, UserError
from liveprofile.streams.runtime.earlier_application import refuse_earlier
from liveprofile.streams.runtime.outbox import KafkaOutbox
from liveprofile.streams.runtime.ownership import refuse_others
from liveprofile.streams.runtime.topic_shape import CONFIRMED_BY, COPIES, Fault, Shape, faults_among, shapes
from liveprofile.streams.transport.connection import Bootstrap, client_arguments, no_kafka

_APPEARS_WITHIN_S = 15.0


class TopicError(UserError):
    """The application cannot run on the cluster's topics."""

    exit_code = ExitCode.WRONG
    next_step = "Compare the topics with the settings: liveprofile topics check."


async def create_topics(
    bootstrap: Bootstrap,
    topics: Topics | Sequence[Topic],
    *,
    replication: int = 1,
    client: Mapping[str, Any] | None = None,
) -> list[str]:
    """Creates missing topics, waits until each has its leaders, and returns the names of the new ones.

    `client` has further arguments of the aiokafka client (security). Raises TopicError before anything is created if an
    existing topic has another number of partitions: records of one profile would be in different partitions. It can be
    called repeatedly, also from several processes at once.
    """
    wanted = topics.all() if isinstance(topics, Topics) else tuple(topics)
    async with _Admin(bootstrap, client or {}) as admin:
        present = await _partitions(admin)
        _refuse_mismatches(wanted, present)
        missing = [topic for topic in wanted if topic.name not in present]
        created = await _create(admin, missing, replication) if missing else []
        await _wait_for_leaders(admin, wanted)
        return created


async def refuse_second(bootstrap: Bootstrap, topics: Topics) -> None:
    """SetupError if the topics belong to another application, or to this one under names of an earlier version."""
    async with KafkaOutbox(bootstrap) as outbox:
        await refuse_earlier(outbox, bootstrap, topics.earlier_lineage, topics.remembered)
        await refuse_others(outbox, bootstrap, topics.lineage, topics.remembered)


async def list_topics(
    bootstrap: Bootstrap, topics: Topics | Sequence[Topic], *, client: Mapping[str, Any] | None = None
) -> dict[str, int | None]:
    """Number of partitions of each existing topic; None for a missing one."""
    wanted = topics.all() if isinstance(topics, Topics) else tuple(topics)
    async with _Admin(bootstrap, client or {}) as admin:
        present = await _partitions(admin)
        return {topic.name: present.get(topic.name) for topic in wanted}


async def topic_faults(bootstrap: Bootstrap, topics: Topics, max_record_bytes: int) -> list[Fault]:
    """What of the configuration of the application's topics is not safe. TopicError where no Kafka answers."""
    return faults_among(topics.all(), await topic_shapes(bootstrap, topics), max_record_bytes)


async def topic_shapes(bootstrap: Bootstrap, topics: Topics) -> dict[str, Shape]:
    """The real configuration of each topic that exists, later states included. TopicError where no Kafka answers."""
    async with _Admin(bootstrap, {}) as admin:
        later = [name for name in await admin.list_topics() if name.startswith(topics.later_states)]
        return await shapes(admin, [*(topic.name for topic in topics.all()), *later])


class _Admin:
    """An admin client that is always closed; a failure to connect becomes a NoKafkaError."""

    def __init__(self, bootstrap: Bootstrap, client: Mapping[str, Any]) -> None:
        self._bootstrap = bootstrap
        self._client = client
        self._admin: AIOKafkaAdminClient | None = None

    async def __aenter__(self) -> AIOKafkaAdminClient:
        admin = AIOKafkaAdminClient(
            **client_arguments(self._bootstrap) | {"request_timeout_ms": 30_000} | dict(self._client)
        )
        try:
            await admin.start()
        except (KafkaError, OSError) as problem:
            await admin.close()
            raise no_kafka(
                self._bootstrap, "Start one with `liveprofile broker start`, or correct --bootstrap."
            ) from problem
        self._admin = admin
        return admin

    async def __aexit__(self, *_: object) -> None:
        if self._admin:
            await self._admin.close()


async def _partitions(admin: AIOKafkaAdminClient) -> dict[str, int]:
    return {topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics()}


def _refuse_mismatches(wanted: Sequence[Topic], present: Mapping[str, int]) -> None:
    wrong = [topic for topic in wanted if present.get(topic.name, topic.partitions) != topic.partitions]
    if wrong:
        found = ", ".join(f"{topic.name} has {present[topic.name]} instead of {topic.partitions}" for topic in wrong)
        raise TopicError(
            f"The number of partitions may not change once profiles exist, but {found}.",
            "Set `partitions` to what the topics have, or use another cluster, or delete all topics to start anew.",
        )


async def _create(admin: AIOKafkaAdminClient, missing: Sequence[Topic], replication: int) -> list[str]:
    durable = {"min.insync.replicas": str(CONFIRMED_BY)} if replication >= COPIES else {}
    new = [
        NewTopic(topic.name, topic.partitions, replication, topic_configs={**topic.config, **durable})
        for topic in missing
    ]
    response = await admin.create_topics(new)
    created = []
    for name, code, *message in response.topic_errors:
        if code == 0:
            created.append(name)
        elif for_code(code) is not TopicAlreadyExistsError:  # another process created it: checked below
            raise TopicError(
                f"Topic {name} could not be created: {for_code(code).__name__} {' '.join(map(str, message))}.",
                "Check the cluster's limits, and that `replication` is at most its number of brokers.",
            ) from for_code(code)(f"topic {name}")
    return created


async def _wait_for_leaders(admin: AIOKafkaAdminClient, wanted: Sequence[Topic]) -> None:
    deadline = asyncio.get_running_loop().time() + _APPEARS_WITHIN_S
    while True:
        ready = {
            topic["topic"]: sum(part["leader"] >= 0 for part in topic["partitions"])
            for topic in await admin.describe_topics()
        }
        if all(ready.get(topic.name) == topic.partitions for topic in wanted):
            return
        if asyncio.get_running_loop().time() > deadline:
            _refuse_mismatches(wanted, ready)
            raise TopicError(
                f"The new topics have no leaders after {_APPEARS_WITHIN_S:.0f} s.", "Check the cluster, then run again."
            )
        await asyncio.sleep(0.05)
