"""Erasure of a shopper: the control record, and the time by which each topic has no data of the shopper."""

import time
from dataclasses import dataclass

from liveprofile.profiles.records.activity import Kind, control_record
from liveprofile.streams.admin.control_record import append_control
from liveprofile.streams.contract.topics import Topic, Topics
from liveprofile.streams.errors import UserError
from liveprofile.streams.runtime.outbox import DeliveryError
from liveprofile.streams.stages.ingest.pseudonym import partition_of

_DAY_MS = 86_400_000
_NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Deadline:
    """The longest time that a topic keeps data of an erased shopper."""

    topic: str
    holds: str
    days: float
    how: str


def deadlines(topics: Topics) -> list[Deadline]:
    """Every topic that may have data of a shopper, as `liveprofile topics create` configures it.

    Kafka deletes whole segments: the oldest record is deleted up to one segment's time after its retention.
    """
    held = {
        topics.profiles: "the snapshot",
        topics.state: "the profile; a stub without personal data stays permanently",
        topics.profile_changes: "published changes, without texts",
        topics.profile_anomalies: "anomalies",
        topics.activity: "events under the pseudonym, with titles",
        topics.examples: "vectors of interests and reviews, and predictions, under the pseudonym",
        topics.item_events: "sequences of items, with the events' positions in activity",
        topics.dead_letters: "the structure of refused records, under the profile id",
        **dict.fromkeys(topics.inputs, "events as they were sent, with the user id"),
    }
    return sorted((_deadline(topic, held[topic.name]) for topic in topics.all() if topic.name in held), key=_by_days)


async def erase(bootstrap: str, topics: Topics, profile_id: bytes, dims: int) -> int:
    """Append the erasure to the profile's partition of `activity`; returns the partition when it is durable.

    `dims` are the dimensions of the vectors in `activity`. UserError if Kafka or the topic is missing.
    """
    record = control_record(Kind.ERASE, time.time_ns() // _NS_PER_MS, dims)
    try:
        [partition] = await append_control(
            bootstrap, topics, "liveprofile-erase", profile_id, record, lambda count: [partition_of(profile_id, count)]
        )
    except ConnectionError as error:
        raise UserError(f"No Kafka answers at {bootstrap}; nothing was erased.", "Check --bootstrap.") from error
    except DeliveryError as error:
        raise UserError(
            f"It is unknown whether the erasure reached Kafka: {error.__cause__!r}.",
            "Run it again: erasing twice does no harm.",
        ) from error
    return partition


def _deadline(topic: Topic, holds: str) -> Deadline:
    if topic.config["cleanup.policy"] == "compact":
        days = int(topic.config["max.compaction.lag.ms"]) / _DAY_MS
        return Deadline(topic.name, holds, days, "compaction")
    kept_ms = int(topic.config["retention.ms"]) + int(topic.config["segment.ms"])
    return Deadline(topic.name, holds, kept_ms / _DAY_MS, "retention")


def _by_days(deadline: Deadline) -> tuple[float, str]:
    return deadline.days, deadline.topic
