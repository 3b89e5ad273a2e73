"""Erasure of a shopper: the control record, and the time by which each topic has no data of the shopper."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass

from liveprofile.profiles.records.activity import Kind, control_record
from liveprofile.streams.admin.control_record import append_control
from liveprofile.streams.admin.topics import topic_shapes
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import UserError
from liveprofile.streams.runtime.outbox import DeliveryError
from liveprofile.streams.stages.ingest.pseudonym import partition_of
from liveprofile.streams.transport.connection import Bootstrap

_DAY_MS = 86_400_000
_NEVER_MS = 1 << 62
"""Times from here on have no end: Kafka's default of max.compaction.lag.ms is the largest number."""
_NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Deadline:
    """The longest time that a topic keeps data of an erased shopper."""

    topic: str
    holds: str
    days: float | None
    """None: for ever, until its configuration is changed."""
    how: str


def deadlines(topics: Topics, config_of: Mapping[str, Mapping[str, str]]) -> list[Deadline]:
    """Every topic that may have data of a shopper, by the configuration that it has on the cluster.

    `config_of` has the values in force by topic; a topic that is not in it does not exist, and holds nothing. Kafka
    deletes whole segments: the oldest record is deleted up to one segment's time after its retention.
    """
    later = [name for name in config_of if name.startswith(topics.later_states)]
    held = held_by(topics)
    held |= dict.fromkeys(later, held[topics.state])
    names = [name for name in held if name in config_of]
    return sorted((_deadline(name, config_of[name], held[name]) for name in names), key=_by_days)


def held_by(topics: Topics) -> dict[str, str]:
    """The topics that may have data of a shopper, each with what it has."""
    return {
        topics.profiles: "the snapshot",
        topics.state: "the profile; a stub without personal data stays permanently",
        topics.profile_changes: "published changes, without texts",
        topics.profile_anomalies: "anomalies",
        topics.activity: "events under the pseudonym, with titles",
        topics.examples: "vectors of interests and reviews, and predictions, under the pseudonym",
        topics.item_events: "sequences of items, with the events' positions in activity",
        topics.dead_letters: "the structure of refused records, under the profile id",
        topics.audit: "that the profile was read, under the profile id",
        **dict.fromkeys(topics.inputs, "events as they were sent, with the user id"),
    }


async def erase(bootstrap: Bootstrap, topics: Topics, profile_id: bytes, dims: int) -> int:
    """Append the erasure to the profile's partition of `activity`; returns the partition when it is durable.

    `dims` are the dimensions of the vectors in `activity`. UserError if Kafka or the topic is missing.
    """
    record = control_record(Kind.ERASE, time.time_ns() // _NS_PER_MS, dims)
    try:
        [partition] = await append_control(
            bootstrap, topics, "liveprofile-erase", profile_id, record, lambda count: [partition_of(profile_id, count)]
        )
    except DeliveryError as error:
        raise UserError(
            f"It is unknown whether the erasure reached Kafka: {error.__cause__!r}.",
            "Run it again: erasing twice does no harm.",
        ) from error
    return partition


async def erase_and_tell(
    bootstrap: Bootstrap, topics: Topics, profile_id: bytes, dims: int
) -> tuple[int, list[Deadline]]:
    """As `erase`, with the deadlines by what the topics' configuration is now. Raises as `topic_shapes` does, too."""
    real = await topic_shapes(bootstrap, topics)
    partition = await erase(bootstrap, topics, profile_id, dims)
    return partition, deadlines(topics, {name: shape.config for name, shape in real.items()})


def _deadline(name: str, config: Mapping[str, str], holds: str) -> Deadline:
    if "compact" in config["cleanup.policy"]:
        return Deadline(name, holds, _days(int(config["max.compaction.lag.ms"])), "compaction")
    retention_ms = int(config["retention.ms"])
    kept_ms = retention_ms + int(config["segment.ms"]) if retention_ms >= 0 else _NEVER_MS
    return Deadline(name, holds, _days(kept_ms), "retention")


def _days(time_ms: int) -> float | None:
    return time_ms / _DAY_MS if time_ms < _NEVER_MS else None


def _by_days(deadline: Deadline) -> tuple[float, str]:
    return math.inf if deadline.days is None else deadline.days, deadline.topic
