"""The topics of one application: names, partitions and configuration, and their creation."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from streams.errors import UserError

MAX_BATCH_BYTES = 4 << 20
"""`max.message.bytes` of every topic that we write: no record batch of ours may be larger than this."""

_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS
_APPEARS_WITHIN_S = 15.0


class TopicError(UserError):
    """The topics on the cluster are not the ones this application can run on."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as it should be: its name, its partitions, its configuration, and what it is for."""

    name: str
    partitions: int
    config: Mapping[str, str] = field(default_factory=dict)
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Topics:
    """The names of all topics of the application `app_id`, and what each has to be like.

    Inputs and outputs are shared names that other systems know; internal topics carry the app's id. A test that needs
    inputs and outputs of its own on a shared broker gives a `prefix`.
    """

    app_id: str = "liveprofile"
    partitions: int = 4
    prefix: str = ""

    @property
    def clicks(self) -> str:
        return f"{self.prefix}clicks"

    @property
    def searches(self) -> str:
        return f"{self.prefix}searches"

    @property
    def purchases(self) -> str:
        return f"{self.prefix}purchases"

    @property
    def profile_changes(self) -> str:
        return f"{self.prefix}profile-changes"

    @property
    def profiles(self) -> str:
        return f"{self.prefix}profiles"

    @property
    def profile_anomalies(self) -> str:
        return f"{self.prefix}profile-anomalies"

    @property
    def dead_letters(self) -> str:
        return f"{self.prefix}dead-letters"

    @property
    def activity(self) -> str:
        return f"{self.app_id}.activity"

    @property
    def state(self) -> str:
        return f"{self.app_id}.state"

    @property
    def examples(self) -> str:
        return f"{self.app_id}.examples"

    @property
    def models(self) -> str:
        return f"{self.app_id}.models"

    @property
    def inputs(self) -> tuple[str, str, str]:
        """The three topics that shops write."""
        return self.clicks, self.searches, self.purchases

    def all(self) -> tuple[Topic, ...]:
        """Every topic, inputs first. `activity`, `state` and the outputs have the same number of partitions."""
        n = self.partitions
        return (
            Topic(self.clicks, n, _INPUT, "what shoppers looked at, put into carts, liked"),
            Topic(self.searches, n, _INPUT, "what shoppers searched for"),
            Topic(self.purchases, n, _INPUT, "orders and refunds"),
            Topic(self.profile_changes, n, _log(days=30), "what changed in a profile, and why"),
            Topic(self.profiles, n, _COMPACT, "the latest snapshot of every profile"),
            Topic(self.profile_anomalies, n, _log(days=30), "anomalies raised, updated, cleared"),
            Topic(self.dead_letters, n, _log(days=14), "input that was refused, with the reason"),
            Topic(self.activity, n, _log(days=30), "the one log that profiles are folded from"),
            Topic(self.state, n, _COMPACT, "profiles at their last checkpoint"),
            Topic(self.examples, 1, _log(days=7), "compact examples that the clusterer learns from"),
            Topic(self.models, 1, _COMPACT, "the last versions of the clusterer's model"),
        )


def _log(days: int) -> Mapping[str, str]:
    return {
        "cleanup.policy": "delete",
        "retention.ms": str(days * _DAY_MS),
        "max.message.bytes": str(MAX_BATCH_BYTES),
    }


_INPUT: Mapping[str, str] = {
    "cleanup.policy": "delete",
    "retention.ms": str(7 * _DAY_MS),
    # The broker's clock, not the producer's: old events that are replayed would otherwise be deleted at once, and a
    # producer whose clock runs ahead would be refused. Event time is in the value.
    "message.timestamp.type": "LogAppendTime",
}

_COMPACT: Mapping[str, str] = {
    "cleanup.policy": "compact",  # never with delete: a profile that nobody touched for long must stay
    "segment.ms": str(_HOUR_MS),
    "min.cleanable.dirty.ratio": "0.1",
    "max.compaction.lag.ms": str(_DAY_MS),  # the default is no limit: an erasure would have no deadline
    "delete.retention.ms": str(2 * _DAY_MS),
    "max.message.bytes": str(MAX_BATCH_BYTES),
}


async def create_topics(
    bootstrap: str, topics: Topics | Sequence[Topic], *, replication: int = 1, client: Mapping[str, Any] | None = None
) -> list[str]:
    """Creates the topics that are missing, waits until each has its leaders, and gives the names of the new ones.

    `client` holds further arguments of the aiokafka client (security). Raises TopicError when an existing topic has
    another number of partitions, before anything is created: records of one profile would no longer meet. Safe to call
    any number of times, also from several processes at once.
    """
    wanted = topics.all() if isinstance(topics, Topics) else tuple(topics)
    async with _Admin(bootstrap, client or {}) as admin:
        present = await _partitions(admin)
        _refuse_mismatches(wanted, present)
        missing = [topic for topic in wanted if topic.name not in present]
        created = await _create(admin, missing, replication) if missing else []
        await _wait_for_leaders(admin, wanted)
        return created


async def list_topics(
    bootstrap: str, topics: Topics | Sequence[Topic], *, client: Mapping[str, Any] | None = None
) -> dict[str, int | None]:
    """How many partitions each topic really has; None where it does not exist."""
    wanted = topics.all() if isinstance(topics, Topics) else tuple(topics)
    async with _Admin(bootstrap, client or {}) as admin:
        present = await _partitions(admin)
        return {topic.name: present.get(topic.name) for topic in wanted}


class _Admin:
    """An admin client that is closed in any case, and whose failure to connect is told to a person."""

    def __init__(self, bootstrap: str, client: Mapping[str, Any]) -> None:
        self._bootstrap = bootstrap
        self._client = client
        self._admin: AIOKafkaAdminClient | None = None

    async def __aenter__(self) -> AIOKafkaAdminClient:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap, request_timeout_ms=30_000, **self._client)
        try:
            await admin.start()
        except (KafkaError, OSError) as problem:
            await admin.close()
            raise TopicError(
                f"No Kafka answers at {self._bootstrap}: {problem}.",
                "Start one with `liveprofile broker start`, or correct --bootstrap.",
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
        told = ", ".join(f"{topic.name} has {present[topic.name]} instead of {topic.partitions}" for topic in wrong)
        raise TopicError(
            f"The number of partitions may not change once profiles exist, yet {told}.",
            "Set `partitions` to what the topics have, or use another cluster, or delete them all to start afresh.",
        )


async def _create(admin: AIOKafkaAdminClient, missing: Sequence[Topic], replication: int) -> list[str]:
    new = [NewTopic(topic.name, topic.partitions, replication, topic_configs=dict(topic.config)) for topic in missing]
    response = await admin.create_topics(new)
    created = []
    for name, code, *message in response.topic_errors:
        if code == 0:
            created.append(name)
        elif for_code(code) is not TopicAlreadyExistsError:  # another process was faster: checked below
            raise TopicError(
                f"Topic {name} could not be created: {for_code(code).__name__} {' '.join(map(str, message))}.",
                "Check the cluster's limits, and that `replication` is at most its number of brokers.",
            )
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
