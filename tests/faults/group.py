"""A consumer group as the broker sees it: who its members are, and which partitions each has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.errors import KafkaError

EVERY_S = 0.1


@dataclass(frozen=True)
class Group:
    """One look at a group."""

    stable: bool
    owned: tuple[tuple[str, int], ...]
    """Partitions of all members."""
    members: int


async def look(bootstrap: str, group: str) -> Group:
    """The group now. Raises `KafkaError` or `OSError` when the broker does not tell."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        (answer,) = await admin.describe_consumer_groups([group])
    finally:
        await admin.close()
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
    while loop.time() - began < within_s:
        try:
            if holds(await look(bootstrap, group)):
                return loop.time() - began
        except (KafkaError, OSError, IndexError):
            pass  # the broker is busy; ask again
        await asyncio.sleep(EVERY_S)
    return None
