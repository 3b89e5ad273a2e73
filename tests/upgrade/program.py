"""The present program under test: its stages on topics in memory, and what they leave behind.

All that these tests ask of the program's folds and stages is here, so that a rename changes this module alone.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from liveprofile.models.embedder import Embedder
from liveprofile.models.learners.anomalies import AnomalyLearner
from liveprofile.models.learners.kind import ExampleKind
from liveprofile.models.learners.port import Schedule, ScheduledLearner
from liveprofile.models.text_cache import TextCache
from liveprofile.models.topic_names import TopicNames
from liveprofile.profiles.anomalies.evidence import WEIGHTS
from liveprofile.profiles.fold.fold import Fold
from liveprofile.profiles.fold.precompile import compile_fold
from liveprofile.profiles.items.fold import ItemFold, compile_items
from liveprofile.profiles.records.activity import Kind, control_record
from liveprofile.profiles.segments.rules import RuleSet, starter
from liveprofile.profiles.state.row import OUTLIER_INPUTS
from liveprofile.streams.backtest.engine.arrivals import Arrival
from liveprofile.streams.backtest.engine.engine import BATCH, Engine
from liveprofile.streams.backtest.engine.memory_log import MemoryLog, MemoryRecord
from liveprofile.streams.backtest.engine.parts import OfflineWiring, offline
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.settings import Settings
from liveprofile.streams.stages.ingest.embedding import EmbeddingService
from liveprofile.streams.stages.learn.learners import make_learners
from liveprofile.streams.stages.learn.model_events import ModelVersionEvents
from liveprofile.streams.stages.learn.stage import ADOPT_KEY, LearnStage
from liveprofile.streams.stages.profile.config import ProfileStageConfig
from liveprofile.streams.stages.profile.counters import ProfileCounters
from liveprofile.streams.stages.profile.partition import Partition
from liveprofile.streams.transport.record import Item

DAY_MS = 86_400_000
EMBEDDER = "minilm-l6-int8@b59fcc83"
"""The model id that folds of golden logs give: they need no model on this machine."""
EARLY = Schedule(first_after=20, every=60)
"""When the models of small logs are due."""
EARLY_SESSIONS = 60
"""Sessions after which anomalies are first weighed in small logs, so that every learner gives a model."""
LONG_PAUSE_DAYS = 45
"""Time that passes after a log's last event, with ticks and nothing else."""
FILLED = 40
"""Dimensions of vectors in small logs that are not zero."""
RUN = 500
"""Records of a golden log that are folded at once."""

Output = Callable[[str, Sequence[MemoryRecord]], None]


class RecordingLog(MemoryLog):
    """Topics in memory that remember everything that was sent."""

    def __init__(self, topics: Topics) -> None:
        super().__init__(topics)
        self.sent: defaultdict[tuple[str, int], list[Item]] = defaultdict(list)

    async def send(self, topic: str, partition: int, items: Sequence[Item]) -> int | None:
        """Append records, and remember them."""
        self.sent[topic, partition] += items
        return await super().send(topic, partition, items)


class Wiring(OfflineWiring):
    """The stages of a worker on topics in memory, in which models may come early."""

    def __init__(self, settings: Settings, *, early: bool = False) -> None:
        super().__init__(settings)
        self.log: RecordingLog = RecordingLog(self.topics)
        self._early = early

    def profile_config(self) -> ProfileStageConfig:
        """As a worker has it, but for the model's id, which is always the same."""
        profile = self._settings.profile
        return ProfileStageConfig(
            self.topics, profile.policy, EMBEDDER, currency=self._settings.currency, tick_s=profile.tick_s
        )

    def embedding(self) -> EmbeddingService:
        """As a worker has it; where models come early, of last words."""
        if not self._early:
            return super().embedding()
        folder = self._settings.model_path
        cache = TextCache(self._settings.data_path / "texts.sqlite", EMBEDDER, key=b"a key of the tests")
        return EmbeddingService(LastWord(Embedder.load(folder)), cache, TopicNames.load(folder))

    def learn(self) -> LearnStage:
        """As a worker has it, with other schedules where models come early; no version of a model is removed."""
        settings = self._settings
        dims = settings.profile.policy.dims
        learners = make_learners(settings.learn, dims)
        return LearnStage(
            self.topics,
            (lambda first_id: [_early(scheduled) for scheduled in learners(first_id)]) if self._early else learners,
            self.read_latest,
            events=ModelVersionEvents(self.topics.model_events, settings.app_id, lambda: 0),
            activity_dims=dims,
            keep=10**6,
        )


def _early(scheduled: ScheduledLearner) -> ScheduledLearner:
    learner = scheduled.learner
    if isinstance(learner, AnomalyLearner):
        learner = AnomalyLearner(ExampleKind.SESSION, WEIGHTS, OUTLIER_INPUTS, least=EARLY_SESSIONS)
    return ScheduledLearner(learner, EARLY)


class LastWord:
    """An embedder that reads the last word of a text, and keeps the first dimensions: small logs stay small files."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.model_id, self.dims = embedder.model_id, embedder.dims

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """(n, dims) unit rows."""
        rows = np.concatenate([self._embedder.embed([text.split()[-1]]) for text in texts])
        rows[:, FILLED:] = 0.0
        filled: npt.NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return filled


def wiring(
    folder: Path, model: Path | None = None, partitions: int = 1, currency: str = "EUR", *, early: bool = False
) -> Wiring:
    """Stages with default settings; `folder` gets the text cache, `model` has the exported model."""
    settings = Settings(data_dir=str(folder), model_dir=str(model or folder))
    return Wiring(offline(settings, partitions, currency), early=early)


@dataclass(frozen=True)
class End:
    """What a program holds after a log."""

    rows: np.ndarray[Any, np.dtype[np.void]]
    """All profiles (n,), in the order of their ids."""
    names: dict[int, str]
    snapshots: list[bytes]
    """What would be published of every profile that is not erased, as JSON, in the order of the ids."""
    cursors: list[bytes]
    """One of each partition."""


def end_of(folds: Sequence[Fold], currency: str) -> End:
    """The state of all partitions."""
    rows, shown, names = {}, {}, {}
    for fold in folds:
        keys = fold.table.keys
        rows |= dict(zip(keys, fold.table.rows[fold.table.places(keys)], strict=True))
        shown |= shown_of(fold, keys, currency)
        names |= fold.dictionary.known
    return End(
        np.array([rows[key] for key in sorted(rows)]),
        names,
        [shown[key] for key in sorted(shown)],
        [fold.cursor.encode() for fold in folds],
    )


def shown_of(fold: Fold, keys: Sequence[bytes], currency: str) -> dict[bytes, bytes]:
    """What would be published of profiles: JSON by profile id; nothing of those that are erased."""
    taken = fold.snapshots(keys, currency)
    return {key: msgspec.json.encode(value) for key, value in zip(keys, taken, strict=True) if value is not None}


async def fold_arrivals(
    wired: Wiring,
    arrivals: Sequence[Arrival],
    output: Output | None = None,
    progress: Callable[[int], None] = lambda done: None,
    tick_s: float = 3600.0,
    batch: int = BATCH,
) -> Engine:
    """Put a log through all stages: half of it, an erasure and other rules, the rest, and a long time without events.

    Returns the engine with its partitions and items as they stand then.
    """
    half = len(arrivals) // 2
    async with Engine(wired, output=output, tick_s=tick_s, batch=batch) as engine:
        await engine.run(arrivals[:half], progress)
        await _erase_and_publish(wired, engine, arrivals[half].time_ms)
        await engine.run(arrivals[half:], progress)
        await engine.wait_until(arrivals[-1].time_ms + LONG_PAUSE_DAYS * DAY_MS)
    return engine


async def _erase_and_publish(wired: Wiring, engine: Engine, time_ms: int) -> None:
    """Erase the first two profiles of each partition, and publish a second version of the rules."""
    dims, rules = engine.partitions[0].fold.policy.dims, changed_rules()
    for partition in engine.partitions:
        gone = sorted(partition.fold.table.keys)[:2]
        items: list[Item] = [(key, control_record(Kind.ERASE, time_ms, dims), ()) for key in gone]
        items.append((ADOPT_KEY, control_record(Kind.ADOPT, time_ms, dims, rules.record), ()))
        await wired.log.send(wired.topics.activity, partition.number, items)


def changed_rules() -> RuleSet:
    """The starter's rules as a shop may change them: a new version without the last segment."""
    text = str(starter().record["toml"]).replace("version = 1", "version = 2", 1)
    return RuleSet.from_record({"toml": text[: text.rindex("[[segment]]")]})


class GoldenFold:
    """A golden log through the fold, the learners and the items, without ingest: its models stand in the log itself."""

    def __init__(self, folder: Path) -> None:
        self.wired = wiring(folder, early=True)
        self.partition: Partition = self.wired.partition(0, ProfileCounters())
        self.items: ItemFold = self.wired.item_fold()
        self._learn = self.wired.learn()
        compile_fold(self.partition.fold.policy)
        compile_items()

    async def take(
        self, log: Sequence[tuple[bytes | None, bytes | None]], start: int, end: int, *, items: bool = True
    ) -> None:
        """Fold the records of `activity` from offset `start` to `end`, and learn what follows from them.

        Without `items`, what they say of items is not counted.
        """
        topics, taken = self.wired.topics, self.wired.log
        await self._learn.start(taken)
        for begin in range(start, end, RUN):
            places = range(begin, min(begin + RUN, end))
            await self.partition.take([MemoryRecord(topics.activity, 0, at, 0, *log[at]) for at in places])
            await taken.send_all(self.partition.downstream.take())
            if examples := taken.take(topics.examples, 0):
                await self._learn.handle(topics.examples, 0, examples, lambda: None)
            met = [one.value for one in taken.take(topics.item_events, 0)]
            if items:
                self.count_items(met)

    def count_items(self, events: Sequence[bytes | None]) -> None:
        """Count the next item events."""
        first = self.items.applied_through + 1
        self.items.apply(events, range(first, first + len(events)))

    def end(self) -> End:
        """What the fold holds now."""
        return end_of([self.partition.fold], "EUR")

    def facts(self) -> list[tuple[str, bytes]]:
        """Id and payload of all changes, then of all anomalies."""
        topics, sent = self.wired.topics, self.wired.log.sent
        items = [*sent[topics.profile_changes, 0], *sent[topics.profile_anomalies, 0]]
        return [(dict(headers)["ce_id"].decode(), value or b"") for _, value, headers in items]

    def hand_out(self, output: Output) -> None:
        """All that the stages have sent, as the engine hands it out; what is on `activity` is not among it."""
        for (topic, partition), items in sorted(self.wired.log.sent.items()):
            if topic != self.wired.topics.activity:
                records = [MemoryRecord(topic, partition, at, 0, *item) for at, item in enumerate(items)]
                output(topic, records)
