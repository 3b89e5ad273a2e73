"""Which application the topics belong to: the first one whose lineage topic names them; any other one is refused.

All topics of a prefix go together. An application that reads `clicks` also writes `profiles`, so the inputs in a
lineage topic say who owns the public outputs of the same prefix, too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import msgspec
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError

from liveprofile.streams.errors import NoKafkaError, SetupError
from liveprofile.streams.runtime.lineage import Entry
from liveprofile.streams.runtime.outbox import KafkaOutbox
from liveprofile.streams.transport.connection import Bootstrap, consumer_arguments

log = structlog.get_logger(__name__)

ENDING = ".lineage"
MOST_RECORDS = 20_000
"""A topic of more records is no lineage of ours, whatever its name: one has a few dozen."""
_OF_ANOTHER = f"liveprofile-of-another-application{ENDING}"
"""A topic that does not exist: Kafka says so only to those who may describe any topic. Nothing is created."""
_SILENT_POLLS = 5
_POLL_MS = 1000


@dataclass(slots=True)
class Claim:
    """What the lineage topic of an application says about the topics of another one."""

    lineage: str
    since_ms: int = 0
    """The broker's time of the first entry that names one of them; 0 for none."""
    shared: set[str] = field(default_factory=set)

    def add(self, topic: str, time_ms: int) -> None:
        """Take an entry that names a topic."""
        self.shared.add(topic)
        self.since_ms = min(self.since_ms or time_ms, time_ms)

    @property
    def order(self) -> tuple[int, str]:
        """Earlier claims first; of two in one millisecond, by name."""
        return self.since_ms, self.lineage


class OtherApplicationError(SetupError):
    """The topics belong to another application; nothing was written."""

    next_step = "Give this application topics of its own: the setting topic_prefix."

    def __init__(self, owner: Claim, own_lineage: str) -> None:
        other, ours = owner.lineage.removesuffix(ENDING), own_lineage.removesuffix(ENDING)
        super().__init__(
            f"topic {min(owner.shared)!r} and the others of its prefix belong to the application {other!r}, as "
            f"{owner.lineage} says; with {ours!r}, two applications would write one profile under the same versions",
            f'Give this application topics of its own: topic_prefix = "{ours}-", then `liveprofile topics create`. To '
            f"work with {other}, take its app_id. If {other} is gone for good, delete its topic {owner.lineage}.",
        )
        self.owner = other


async def refuse_others(outbox: KafkaOutbox, bootstrap: Bootstrap, lineage: str, ours: Collection[str]) -> None:
    """OtherApplicationError if the lineage topic of another application named one of `ours` before ours did.

    `lineage` is the own lineage topic; empty: nothing is checked. Of two applications that share topics already, the
    one that was there first goes on.
    """
    if not lineage:
        return
    await _tell_if_blind(outbox)
    counts = await outbox.all_partition_counts()
    others = [name for name, count in counts.items() if name.endswith(ENDING) and count == 1 and name != lineage]
    if not others:
        return
    claims = await _claims(bootstrap, [*others, *(name for name in counts if name == lineage)], ours)
    own = claims.pop(lineage, Claim(lineage))
    first = min((one for one in claims.values() if one.shared), key=lambda one: one.order, default=None)
    if first is not None and (not own.shared or first.order < own.order):
        raise OtherApplicationError(first, lineage)


async def _tell_if_blind(outbox: KafkaOutbox) -> None:
    """Warn where Kafka hides what this user may not describe: the topics of another application would not be seen."""
    try:
        await outbox.identify(_OF_ANOTHER)
    except TopicAuthorizationFailedError:
        log.warning(
            "not checked whether another application works on these topics",
            reason="this user may not describe the lineage topics of others",
            next="give each application a topic_prefix and users of its own",
        )


async def _claims(bootstrap: Bootstrap, lineages: Collection[str], ours: Collection[str]) -> dict[str, Claim]:
    """What each lineage topic says about `ours`."""
    claims = {name: Claim(name) for name in lineages}
    consumer = AIOKafkaConsumer(**consumer_arguments(bootstrap), enable_auto_commit=False, auto_offset_reset="earliest")
    try:
        await consumer.start()
        await _read(consumer, claims, ours)
    except TopicAuthorizationFailedError:
        log.warning("lineage topics of other applications cannot be read: whether they share topics is unknown")
    except (KafkaError, OSError) as error:
        raise NoKafkaError(
            f"Kafka at {bootstrap} went away while lineage topics were read.", "Wait until it answers."
        ) from error
    finally:
        await consumer.stop()
    return claims


async def _read(consumer: AIOKafkaConsumer, claims: Mapping[str, Claim], ours: Collection[str]) -> None:
    places = [TopicPartition(name, 0) for name in claims]
    begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
    left = {place for place in places if 0 < ends[place] - begins[place] <= MOST_RECORDS}
    consumer.assign(list(left))
    silent = 0
    while left and silent < _SILENT_POLLS:
        batches = await consumer.getmany(*left, timeout_ms=_POLL_MS)
        silent = 0 if batches else silent + 1
        for place, records in batches.items():
            for record in records:
                if (name := _named(record.key, record.value)) in ours:
                    claims[place.topic].add(name, record.timestamp)
        left = {place for place in left if await consumer.position(place) < ends[place]}


def _named(key: bytes | None, value: bytes | None) -> str:
    """The topic that an entry is about; empty for a record that is none, as in a topic of another system."""
    try:
        msgspec.json.decode(value or b"", type=Entry)
        return (key or b"").decode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
