"""Consumers of changes and of anomalies, for programs downstream: each record once, gaps healed, at least once."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from aiokafka import ConsumerRecord, TopicPartition

from liveprofile.profiles.facts.facts import AnomalyChanged, ProfileChanged
from liveprofile.profiles.records.decode import DecodeError
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.query.deliveries import Changed, Healed
from liveprofile.streams.query.group_reader import GroupReader, Start
from liveprofile.streams.query.healing import Healing
from liveprofile.streams.query.last_versions import LastVersions, Step
from liveprofile.streams.query.reader import header
from liveprofile.streams.transport.connection import Bootstrap

REMEMBERED = 1_000_000
"""Profiles of a partition whose last version is remembered: about 150 bytes each."""
REMEMBERED_IDS = 100_000
"""Ids of anomaly records of a partition that are remembered."""
HEAL_S = 30.0

Unreadable = Callable[[DecodeError], None]
_Delivery = TypeVar("_Delivery")


class _Consumer(Generic[_Delivery]):
    """What both consumers are: an asynchronous context manager, and an iterator without end."""

    def __init__(self, reader: GroupReader, idle_s: float | None, on_unreadable: Unreadable | None) -> None:
        self._reader = reader
        self._idle_s = idle_s
        self._on_unreadable = on_unreadable
        self._stopping = False

    async def __aenter__(self) -> Self:
        await self._reader.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._reader.stop(handled=error is None)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> _Delivery:
        """The next delivery; the one before is handled. Waits, unless `stop` was called or `idle_s` is over."""
        began_s = asyncio.get_running_loop().time()
        while not self._stopping:
            record = await self._reader.next()
            if record is not None and (delivery := await self._delivery(record)) is not None:
                return delivery
            waited_s = asyncio.get_running_loop().time() - began_s
            if record is None and self._idle_s is not None and waited_s > self._idle_s:
                break
        raise StopAsyncIteration

    def stop(self) -> None:
        """End the iteration before the next delivery; may be called from a signal handler of the event loop."""
        self._stopping = True

    async def _delivery(self, record: ConsumerRecord) -> _Delivery | None:
        """What the caller is given of a record; None for nothing."""
        try:
            return await self._judge(record)
        except DecodeError as error:
            told = DecodeError(f"{_place(record)}: {error}")
            if self._on_unreadable is None:
                raise told from error
            self._on_unreadable(told)
            return None

    async def _judge(self, record: ConsumerRecord) -> _Delivery | None:
        raise NotImplementedError


class AsyncChanges(_Consumer[Changed | Healed]):
    """The changes of all profiles, in the order of versions for each profile.

        async with AsyncChanges("kafka-1:9092", group="mailer") as changes:
            async for change in changes:
                match change:
                    case Changed(record=record): ...     # the next version: what changed, before and after, and why
                    case Healed(snapshot=snapshot): ...  # versions were missed: the profile as it is now

    A change counts as handled when the next one is asked for, or the context is left without an error; its offset is
    committed after that. So each change is delivered at least once: after a crash those of the last `commit_every_s`
    come again, under the same `fact_id`. What workers wrote twice is dropped here, by profile and version, which
    `ce_id` is made from. Where versions of a profile are missing, its snapshot is read from `profiles` and delivered
    in place of them. Members of the same group share the partitions.

    Memory holds the last version of `remembered` profiles for each partition, and at most 500 records. Of a profile
    beyond that, or seen for the first time since the start, the next change is delivered as it is: a repeat is not
    noticed, nor a gap before it, unless Kafka had deleted records that this group had not read.

    Raises `NoKafkaError` where no Kafka answers at the start, `DecodeError` for a record that cannot be read, and
    `GapError` where a gap cannot be healed within `heal_s`; aiokafka's errors where Kafka refuses. Once connected, it
    reconnects by itself, and waits meanwhile.
    """

    def __init__(
        self,
        bootstrap: Bootstrap,
        group: str,
        *,
        topics: Topics | None = None,
        start: Start = "earliest",
        idle_s: float | None = None,
        commit_every_s: float = 1.0,
        remembered: int = REMEMBERED,
        heal_s: float = HEAL_S,
        connect_s: float = 30.0,
        handle_s: float = 300.0,
        connection: Mapping[str, Any] | None = None,
        on_unreadable: Unreadable | None = None,
    ) -> None:
        """Nothing is connected before the context is entered.

        `bootstrap` is `host:port[,host:port]`, `group` a consumer group of the caller's own. `topics` names topics that
        do not have the usual names. `start`, earliest or latest, is where a new group begins. `idle_s` ends the
        iteration after so many seconds without a record; it has no end otherwise. `heal_s` is how long a snapshot may
        take, `connect_s` how long the first connection is tried, `handle_s` how long one delivery may be worked on
        before Kafka gives the partitions to others. `connection` has further arguments of aiokafka's clients
        (security). `on_unreadable` is given what cannot be read, and it is skipped; otherwise it is raised.
        """
        self._topics = topics or Topics()
        self._remembered = remembered
        self._known: dict[TopicPartition, LastVersions] = {}
        self._healing = Healing(bootstrap, self._topics, heal_s, connection)
        reader = GroupReader(
            bootstrap,
            group,
            self._topics.profile_changes,
            start=start,
            commit_every_s=commit_every_s,
            connect_s=connect_s,
            handle_s=handle_s,
            connection=connection,
            on_lost=self._suspect,
            on_given_up=self._forget,
        )
        super().__init__(reader, idle_s, on_unreadable)

    async def _judge(self, record: ConsumerRecord) -> Changed | Healed | None:
        changed = ProfileChanged.decode(record.value)
        known = self._known_of(TopicPartition(record.topic, record.partition))
        step = known.judge(changed.profile_id, changed.version)
        if step is Step.REPEAT:
            return None
        if step is Step.GAP and changed.origin != "erasure":
            first_missed = known.last(changed.profile_id) + 1
            snapshot = await self._healing.snapshot(changed.profile_id, changed.version, self._reader.waiting_keys())
            if snapshot is not None:
                known.set(changed.profile_id, snapshot.version)
                return Healed(snapshot, first_missed, _place(record))
        known.set(changed.profile_id, changed.version)
        return Changed(changed, _event_time(record), _place(record))

    def _suspect(self, place: TopicPartition) -> None:
        self._known_of(place).suspicious = True

    def _forget(self, place: TopicPartition) -> None:
        self._known.pop(place, None)

    def _known_of(self, place: TopicPartition) -> LastVersions:
        return self._known.setdefault(place, LastVersions(self._remembered))


class AsyncAnomalies(_Consumer[AnomalyChanged]):
    """The steps of all anomalies: raised, updated, cleared, in order for each profile.

        async with AsyncAnomalies("kafka-1:9092", group="risk") as anomalies:
            async for anomaly in anomalies:
                ...

    Handled, committed and started as `AsyncChanges` are: at least once, each under its `fact_id`. Repeats are dropped
    by their `ce_id`, of which the last `remembered` of each partition are known. Each record holds all that is known of
    its anomaly, so a step that was missed needs no healing: `step` counts them.
    """

    def __init__(
        self,
        bootstrap: Bootstrap,
        group: str,
        *,
        topics: Topics | None = None,
        start: Start = "earliest",
        idle_s: float | None = None,
        commit_every_s: float = 1.0,
        remembered: int = REMEMBERED_IDS,
        connect_s: float = 30.0,
        handle_s: float = 300.0,
        connection: Mapping[str, Any] | None = None,
        on_unreadable: Unreadable | None = None,
    ) -> None:
        """The arguments are those of `AsyncChanges`."""
        self._remembered = remembered
        self._seen: dict[TopicPartition, OrderedDict[str, None]] = {}
        reader = GroupReader(
            bootstrap,
            group,
            (topics or Topics()).profile_anomalies,
            start=start,
            commit_every_s=commit_every_s,
            connect_s=connect_s,
            handle_s=handle_s,
            connection=connection,
            on_given_up=self._forget,
        )
        super().__init__(reader, idle_s, on_unreadable)

    async def _judge(self, record: ConsumerRecord) -> AnomalyChanged | None:
        anomaly = AnomalyChanged.decode(record.value)
        seen = self._seen.setdefault(TopicPartition(record.topic, record.partition), OrderedDict())
        fact = header(record, "ce_id") or anomaly.fact_id
        if fact in seen:
            return None
        seen[fact] = None
        if len(seen) > self._remembered:
            seen.popitem(last=False)
        return anomaly

    def _forget(self, place: TopicPartition) -> None:
        self._seen.pop(place, None)


def _place(record: ConsumerRecord) -> str:
    return f"{record.topic}/{record.partition}/{record.offset}"


def _event_time(record: ConsumerRecord) -> datetime | None:
    try:
        return datetime.fromisoformat(header(record, "ce_time") or "")
    except ValueError:
        return None
