"""A case: the settings, and what was seen of Kafka by one client, for all checks to read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, for_code

from liveprofile.streams.admin.doctor.quorum_time import ClockDifference, clock_difference
from liveprofile.streams.errors import UserError
from liveprofile.streams.runtime.cluster_shape import ClusterNow, look
from liveprofile.streams.runtime.group_members import Group, describe_group
from liveprofile.streams.runtime.topic_shape import Shape, shapes
from liveprofile.streams.settings import Settings
from liveprofile.streams.transport.connection import Bootstrap, client_arguments, no_kafka
from liveprofile.streams.transport.private_hooks.of_aiokafka import admin_client_of

PATIENCE_S = 20.0
"""Longest wait for the first answer of a broker."""
TRIES, BETWEEN_TRIES_S = 10, 0.5

Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class KafkaNow:
    """What one client saw of Kafka; None for what it could not see, `unseen` says why by its name."""

    cluster: ClusterNow
    shapes: Mapping[str, Shape] | None
    broker_config: Mapping[str, str] | None
    """Of one broker, defaults included."""
    group: Group | None
    """The consumer group of the workers."""
    clock: ClockDifference | None
    unseen: Mapping[str, str]


@dataclass(frozen=True)
class Case:
    """All that checks read."""

    settings: Settings
    stages: Sequence[str]
    """Stages that a worker with these settings runs."""
    bootstrap: Bootstrap | None = None
    """None where no address could be used."""
    kafka: KafkaNow | None = None
    no_kafka: UserError | None = None
    """Why there is nothing to see of Kafka."""
    ready_file: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


async def see_kafka(bootstrap: Bootstrap, settings: Settings, now_ms: Callable[[], float] | None = None) -> KafkaNow:
    """Look at Kafka; nothing is written. NoKafkaError where none answers."""
    admin = AIOKafkaAdminClient(**client_arguments(bootstrap))
    try:
        async with asyncio.timeout(PATIENCE_S):
            await admin.start()
            names = [topic.name for topic in settings.topics.all()]
            cluster = await look(admin_client_of(admin), names)
    except (KafkaError, OSError, TimeoutError) as error:
        with suppress(Exception):
            await admin.close()
        raise no_kafka(
            bootstrap, "Start the brokers, or correct the address: liveprofile --bootstrap HOST:PORT doctor."
        ) from error
    unseen: dict[str, str] = {}

    async def seen(name: str, looking: Callable[[], Awaitable[Seen]]) -> Seen | None:
        """What was seen; a broker that has just started may need some tries."""
        for left in reversed(range(TRIES)):
            try:
                return await looking()
            except (KafkaError, OSError, NotImplementedError, IndexError, ValueError) as error:
                unseen[name] = type(error).__name__
                if not left or not getattr(error, "retriable", False):
                    return None
            await asyncio.sleep(BETWEEN_TRIES_S)
        return None

    try:
        client, clock = admin_client_of(admin), (now_ms,) if now_ms else ()
        return KafkaNow(
            cluster,
            await seen("shapes", lambda: shapes(admin, names)),
            await seen("broker_config", lambda: _broker_config(admin, cluster)),
            await seen("group", lambda: describe_group(admin, settings.topics.group)),
            await seen("clock", lambda: clock_difference(client, *clock)),
            unseen,
        )
    finally:
        await admin.close()


async def _broker_config(admin: AIOKafkaAdminClient, cluster: ClusterNow) -> Mapping[str, str]:
    """The configuration of the first broker. KafkaError without the right to it."""
    wanted = ConfigResource(ConfigResourceType.BROKER, str(cluster.nodes[0].number))
    (response,) = await admin.describe_configs([wanted])
    ((code, message, _, _, entries),) = response.resources
    if code:
        raise for_code(code)(message)
    return {entry[0]: entry[1] for entry in entries}
