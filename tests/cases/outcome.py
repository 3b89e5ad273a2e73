"""What the stream makes of a case: the engine in memory does with it what workers do, and its outputs are kept."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from liveprofile.streams.backtest.engine.arrivals import Arrival
from liveprofile.streams.backtest.engine.engine import Engine
from liveprofile.streams.backtest.engine.memory_log import MemoryRecord
from liveprofile.streams.backtest.engine.parts import offline, pseudonyms
from liveprofile.streams.settings import Settings
from liveprofile.streams.stages.ingest.embedding import EmbeddingService
from tests.cases.case import Arrived
from tests.support.ingest_fakes import DictCache
from tests.support.offline import DrawnVectors, DrawnWiring, PartitionState


class _NoNames:
    """No vector is near a named topic: all topics of a case are those of its records."""

    def nearest(self, vectors: npt.NDArray[np.float32]) -> list[str | None]:
        return [None] * len(vectors)


class _CaseWiring(DrawnWiring):
    def embedding(self) -> EmbeddingService:
        return EmbeddingService(DrawnVectors(), DictCache(), _NoNames())


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outputs of a case."""

    refused: dict[int, tuple[str, str]]
    """Reason and words of refused records by number."""
    profiles: dict[str, dict[str, Any]]
    """Latest snapshots by profile id."""
    records: list[MemoryRecord]
    """Every record of every output topic."""

    def snapshot(self, shopper: str) -> dict[str, Any] | None:
        """The snapshot of a shopper such as user:b1; None without a profile."""
        profile_id, _ = pseudonyms().of(shopper)
        return self.profiles.get(profile_id.decode())


async def outcome_of(arrived: list[Arrived], folder: Path) -> Outcome:
    """Ingest, fold and write down the records of a case, in the order of the file."""
    kept = PartitionState()
    async with Engine(_CaseWiring(offline(Settings(data_dir=str(folder)))), output=kept) as engine:
        await engine.run([Arrival(one.topic, one.key, one.value, one.arrives_ms, one.headers) for one in arrived])
        await engine.checkpoint()
    records = [record for _, some in sorted(kept.records.items()) for record in some]
    return Outcome(_refused(arrived, kept), _profiles(kept), records)


def _refused(arrived: list[Arrived], kept: PartitionState) -> dict[int, tuple[str, str]]:
    """The records that became dead letters; an offset counts the earlier records of the same input."""
    numbers: dict[tuple[str, int], int] = {}
    ends: dict[str, int] = {}
    for number, one in enumerate(arrived):
        offset = ends.get(one.topic, 0)
        numbers[one.topic, offset] = number
        ends[one.topic] = offset + 1
    letters = [orjson.loads(value) for value in kept.values("dead-letters") if value is not None]
    return {
        numbers[letter["source"]["topic"], letter["source"]["offset"]]: (letter["reason"], letter["words"])
        for letter in letters
    }


def _profiles(kept: PartitionState) -> dict[str, dict[str, Any]]:
    latest: dict[str, dict[str, Any]] = {}
    for (topic, _), records in kept.records.items():
        for record in records if topic == "profiles" else ():
            key = (record.key or b"").decode()
            latest.pop(key, None)
            if record.value is not None:
                latest[key] = orjson.loads(record.value)
    return latest
