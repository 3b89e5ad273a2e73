"""Who is in the workers' consumer group, and which partitions each has."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.errors import for_code

from liveprofile.streams.transport.record import TopicPartition

_RANDOM = re.compile(r"-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
"""What the broker appends to a member's own name."""


class Member(msgspec.Struct, frozen=True):
    """One worker, as the group knows it."""

    name: str
    """Its `worker.instance_id`, or what its Kafka client is called if it has none."""
    host: str
    """The address that it connects from."""
    partitions: list[TopicPartition]


class Group(msgspec.Struct, frozen=True):
    """A consumer group at one moment."""

    state: str
    """Kafka's word: Stable, Empty, Dead (no such group), PreparingRebalance, CompletingRebalance."""
    members: list[Member]

    def owner(self, place: TopicPartition) -> Member | None:
        """Who has a partition; None for nobody."""
        return next((member for member in self.members if place in member.partitions), None)


async def describe_group(admin: AIOKafkaAdminClient, group: str) -> Group:
    """The group's state and members. KafkaError where Kafka does not tell."""
    (response,) = await admin.describe_consumer_groups([group])
    (found,) = response.groups
    code, _, state, _, _, members, *_ = found
    if code:
        raise for_code(code)(group)
    return Group(state, sorted(map(_member, members), key=lambda one: (one.name, one.host)))


def _member(found: Any) -> Member:
    member_id, client_id, host, _, assignment = found
    name = _RANDOM.sub("", member_id) or client_id
    return Member(name, host.removeprefix("/"), _partitions(assignment))


def _partitions(assignment: bytes) -> list[TopicPartition]:
    """The partitions of a member; none while the group shares them out."""
    if not assignment:
        return []
    decoded = ConsumerProtocolMemberAssignment.decode(assignment)
    return sorted((topic, number) for topic, numbers in decoded.assignment for number in numbers)
