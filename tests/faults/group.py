"""A consumer group as the broker sees it: who its members are, and which partitions each has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.errors import KafkaError

EVERY_S = 0.05


@dataclass(frozen=True)
class Group:
    """One look at a group."""

    stable: bool
    owned: tuple[tuple[str, int], ...]
    """Partitions of all members."""
    members: int


async def look(admin: AIOKafkaAdminClient, group: str) -> Group:
    """The group now. Raises `KafkaError`, `OSError` or `IndexError` when the broker does not tell."""
    (answer,) = await admin.describe_consumer_groups([group])
    _, _, state, _, _, members, *_ = answer.groups[0]
    owned = [
        (place.topic, place.partition)
        for member in members
        if (assignment := member[-1])
        for place in ConsumerProtocolMemberAssignment.decode(assignment).partitions()
    ]
    return Group(state == "Stable", tuple(sorted(owned)), len(members))


async def until(bootstrap: str, group: str, holds: Callable[[Group], bool], within_s: float) -> float | None:
    """Seconds until a look at the group satisfies `holds`; None when it does not `within_s`."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        while loop.time() - began < within_s:
            with suppress(KafkaError, OSError, IndexError):  # the broker is busy; ask again
                if holds(await look(admin, group)):
                    return loop.time() - began
            await asyncio.sleep(EVERY_S)
    finally:
        await admin.close()
    return None
