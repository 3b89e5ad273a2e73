"""What `liveprofile status` tells: workers, partitions with their lag, models, and who lags alone and why."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.query.lag import Lag
from liveprofile.streams.query.positions import Place, Positions, Standing, open_positions
from liveprofile.streams.query.reader import Reader, decoded, open_reader
from liveprofile.streams.query.skew import LAGS_S, SAMPLE, HotProfile, Laggard, hottest, lag_alone, open_kinds
from liveprofile.streams.runtime.group_members import Group, Member
from liveprofile.streams.transport.connection import Bootstrap

ANOMALIES = 2_000
"""The newest anomaly records of a partition in which those of a hot profile are looked for."""
MODEL_EVENTS = 500


class Worker(msgspec.Struct, frozen=True):
    """A member of the group."""

    name: str
    host: str
    partitions: dict[str, int]
    """How many partitions it has, by stage."""


class Part(msgspec.Struct, frozen=True):
    """A partition that a stage reads."""

    stage: str
    topic: str
    partition: int
    owner: str | None
    host: str | None
    lag_records: int
    lag_seconds: float
    loading: bool | None = None
    """Of `activity`: whether the owner is loading profiles; null where no worker has told."""
    checkpoint_age_seconds: float | None = None
    """Of `activity`: since the last checkpoint; null before the first. It grows while nothing happens."""
    owned_seconds: float | None = None
    """Of `activity`: since when the owner has it."""
    assignments: int | None = None
    """Of `activity`: how often it was given to a worker; it rises with each rebalance that concerns it."""
    end: int = 0
    """The offset at which the next record will be written."""


class Input(msgspec.Struct, frozen=True):
    """An input partition, from end to end."""

    topic: str
    partition: int
    lag_records: int
    """Records that are not folded, with all their facts durable."""
    lag_seconds: float


class Model(msgspec.Struct, frozen=True):
    """The newest version of a model that was told of."""

    model: str
    label: str | None
    version: int
    age_seconds: float


class Status(msgspec.Struct, frozen=True):
    """Everything at one moment."""

    application: str
    at_ms: int
    lag_seconds: float
    lag_records: int
    group_state: str
    workers: list[Worker]
    partitions: list[Part]
    inputs: list[Input]
    models: list[Model]
    auth_expires_seconds: float | None
    """Until the credential of this command ends; null for one without an end, or if it is not known."""
    laggards: list[Laggard]
    summary: str


class StatusReader:
    """Asks as often as wanted."""

    def __init__(self, positions: Positions, reader: Reader, topics: Topics) -> None:
        self._positions, self._reader, self._topics = positions, reader, topics

    async def now(self) -> Status:
        """The present status. KafkaError where the brokers go away."""
        standing = await self._positions.look()
        group = await self._positions.group()
        parts = [self._part(place, lag, standing, group) for place, lag in standing.stages.items()]
        laggards = [await self._laggard(place, standing, group) for place in lag_alone(standing.stages)]
        return Status(
            self._topics.group,
            standing.at_ms,
            standing.seconds,
            standing.records,
            group.state,
            [_worker(member, standing) for member in group.members],
            parts,
            [Input(place.topic, place.partition, lag.records, lag.seconds) for place, lag in standing.inputs.items()],
            await self._models(standing.at_ms),
            None,
            laggards,
            in_words(standing, group, laggards),
        )

    def _part(self, place: Place, lag: Lag, standing: Standing, group: Group) -> Part:
        stage, topic, number = place
        owner = group.owner((topic, number))
        name, host = (owner.name, owner.host) if owner is not None else (None, None)
        end = standing.ends.get((topic, number), 0)
        part = Part(stage, topic, number, name, host, lag.records, lag.seconds, end=end)
        found = standing.progress.get(number) if topic == self._topics.activity else None
        if found is None:
            return part
        return msgspec.structs.replace(
            part,
            loading=found.loading and owner is not None,
            checkpoint_age_seconds=_age_s(found.checkpoint_ms, standing.at_ms),
            owned_seconds=_age_s(found.assigned_ms, standing.at_ms) if owner is not None else None,
            assignments=found.assignments,
        )

    async def _laggard(self, place: Place, standing: Standing, group: Group) -> Laggard:
        stage, topic, number = place
        laggard = Laggard(stage, topic, number, standing.stages[place].seconds, "unknown")
        if group.owner((topic, number)) is None:
            return msgspec.structs.replace(laggard, why="no_owner")
        if topic != self._topics.activity:
            return laggard
        if (found := standing.progress.get(number)) is not None and found.loading:
            return msgspec.structs.replace(laggard, why="loading")
        if (profile := await self._hot_profile(number)) is not None:
            return msgspec.structs.replace(laggard, why="hot_profile", profile=profile)
        return laggard

    async def _hot_profile(self, number: int) -> HotProfile | None:
        """The profile that makes many of a partition's last activities, with its open anomalies."""
        keys = [record.key for record in await self._last(self._topics.activity, number, SAMPLE)]
        if (profile := hottest(keys)) is None:
            return None
        anomalies = [decoded(one) for one in await self._last(self._topics.profile_anomalies, number, ANOMALIES)]
        return msgspec.structs.replace(profile, anomalies=open_kinds(anomalies, profile.profile_id))

    async def _last(self, topic: str, number: int, most: int) -> list[Any]:
        place = self._reader.places([topic])[number]
        return [record async for batch in self._reader.read_to_end([place], last=most) for record in batch]

    async def _models(self, now_ms: int) -> list[Model]:
        """The newest version of each model; quality of profiles is no model's."""
        found: dict[str, Model] = {}
        for record in await self._last(self._topics.model_events, 0, MODEL_EVENTS):
            event = decoded(record)
            if event.get("type") == "ProfileQuality" or not isinstance(event.get("version"), int):
                continue
            model = Model(
                str(event.get("model")), event.get("label"), event["version"], _age_s(record.timestamp, now_ms) or 0.0
            )
            if (known := found.get(model.model)) is None or known.version < model.version:
                found[model.model] = model
        return sorted(found.values(), key=lambda one: one.model)


def _worker(member: Member, standing: Standing) -> Worker:
    counts: dict[str, int] = {}
    for stage, topic, number in standing.stages:
        if (topic, number) in member.partitions:
            counts[stage] = counts.get(stage, 0) + 1
    return Worker(member.name, member.host, counts)


def _age_s(then_ms: int, now_ms: int) -> float | None:
    return max(0, now_ms - then_ms) / 1000 if then_ms else None


def in_words(standing: Standing, group: Group, laggards: list[Laggard]) -> str:
    """One sentence on all of it."""
    if not group.members:
        waiting = f"{standing.records:,} input records wait" if standing.records else "nothing waits"
        return f"no worker is in the group, and {waiting}"
    if laggards:
        return "; ".join(map(laggard_in_words, laggards))
    if standing.seconds < LAGS_S:
        return "all partitions keep up"
    stages = [name for name in ("ingest", "profile") if _seconds(standing, name) >= LAGS_S]
    where = f", in {' and '.join(stages)}" if stages else ""
    return f"the stream is {standing.seconds:.1f} s behind{where}: {standing.records:,} input records wait"


def _seconds(standing: Standing, stage: str) -> float:
    return max((lag.seconds for place, lag in standing.stages.items() if place[0] == stage), default=0.0)


def laggard_in_words(one: Laggard) -> str:
    """Which partition lags alone, and why."""
    where = f"partition {one.partition} of {one.topic} lags alone, {one.lag_seconds:.1f} s"
    if one.why == "no_owner":
        return f"{where}: no worker has it"
    if one.why == "loading":
        return f"{where}: its owner is loading profiles"
    if (profile := one.profile) is not None:
        anomalies = f" (open: {', '.join(profile.anomalies)})" if profile.anomalies else ""
        return (
            f"{where}: profile {profile.profile_id[:8]}… makes {profile.share:.0%} of its last "
            f"{profile.activities:,} activities{anomalies}"
        )
    return f"{where}, for no reason that its records show"


@asynccontextmanager
async def open_status(bootstrap: Bootstrap, topics: Topics) -> AsyncIterator[StatusReader]:
    """A reader of the application's status. NoKafkaError if no Kafka answers, SetupError without the topics."""
    async with open_reader(bootstrap) as reader, open_positions(bootstrap, topics) as positions:
        yield StatusReader(positions, reader, topics)
