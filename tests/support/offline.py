"""The engine without a model: vectors are drawn from a digest of the text."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from liveprofile.profiles.records.activity import digest64
from liveprofile.streams.backtest.engine.arrivals import Arrival, of_shop
from liveprofile.streams.backtest.engine.memory_log import MemoryRecord
from liveprofile.streams.backtest.engine.parts import OfflineWiring, offline
from liveprofile.streams.settings import Settings
from liveprofile.streams.settings.sections import Learn
from liveprofile.streams.simulator.simulator import Simulator
from liveprofile.streams.stages.ingest.embedding import EmbeddingService
from liveprofile.streams.stages.profile.config import ProfileStageConfig

from .ingest_fakes import DictCache, HalfNamedTopics

DIMS = 128


class DrawnVectors:
    """An embedder whose vectors say nothing, but are always the same."""

    model_id = "drawn@1"
    dims = DIMS

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        rows = np.array([np.random.default_rng(digest64(text)).normal(size=DIMS) for text in texts])
        unit: npt.NDArray[np.float32] = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        return unit


class DrawnWiring(OfflineWiring):
    """Stages as they are, with drawn vectors."""

    def embedding(self) -> EmbeddingService:
        return EmbeddingService(DrawnVectors(), DictCache(), HalfNamedTopics())

    def profile_config(self) -> ProfileStageConfig:
        profile = self._settings.profile
        return ProfileStageConfig(self.topics, profile.policy, DrawnVectors.model_id, tick_s=profile.tick_s)


class PartitionState:
    """Everything an engine hands out, by topic and partition."""

    def __init__(self) -> None:
        self.records: defaultdict[tuple[str, int], list[MemoryRecord]] = defaultdict(list)

    def __call__(self, topic: str, records: Sequence[MemoryRecord]) -> None:
        self.records[topic, records[0].partition] += records

    def values(self, topic: str) -> list[bytes | None]:
        return [one.value for (name, _), records in sorted(self.records.items()) for one in records if name == topic]


def wiring(tmp_path: Path, partitions: int = 1, first_model_after: int = 100, model_every: int = 200) -> DrawnWiring:
    """With models that come early."""
    learn = Learn(first_model_after=first_model_after, model_every=model_every)
    return DrawnWiring(offline(Settings(data_dir=str(tmp_path), learn=learn), partitions))


def shop(count: int, users: int = 40, seed: int = 7, broken_share: float = 0.0) -> list[Arrival]:
    """The first events of a small simulated shop."""
    return list(of_shop(islice(Simulator(seed, users, broken_share=broken_share).events(), count)))
