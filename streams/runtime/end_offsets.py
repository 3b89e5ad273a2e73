"""Asks the leaders for the ends of partitions, on another connection than the consumer's: it may be what hangs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

import aiokafka
from aiokafka.protocol.offset import OffsetRequest

from liveprofile.streams.transport.record import TopicPartition

LATEST = -1
READ_UNCOMMITTED = 0
CONSUMER = -1


async def end_offsets(client: Any, places: Collection[TopicPartition]) -> dict[TopicPartition, int]:
    """The offset after the last record, by partition; partitions without a known leader are left out.

    `client` is a started aiokafka client. KafkaError if a leader does not answer.
    """
    by_leader: defaultdict[int, defaultdict[str, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    for topic, partition in places:
        leader = client.cluster.leader_for_partition(aiokafka.TopicPartition(topic, partition))
        if leader is not None and leader >= 0:
            by_leader[leader][topic].append((partition, LATEST))
    ends: dict[TopicPartition, int] = {}
    for leader, wanted in by_leader.items():
        answer = await client.send(leader, OffsetRequest(CONSUMER, READ_UNCOMMITTED, list(wanted.items())))
        for topic, partitions in answer.topics:
            ends |= {(topic, one[0]): int(one[-1]) for one in partitions if one[1] == 0}
    return ends
