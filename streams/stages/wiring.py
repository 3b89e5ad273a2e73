"""Creates stages from settings: the only place that connects topics, models, keys and clocks."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from liveprofile.streams.clock import now_ms
from liveprofile.streams.contract.topics import Topics
from liveprofile.streams.errors import UserError
from liveprofile.streams.runtime.partition_state import read_partition
from liveprofile.streams.runtime.stage import Stage
from liveprofile.streams.settings import Settings
from liveprofile.streams.transport.connection import Bootstrap

if TYPE_CHECKING:
    from liveprofile.streams.contract.cloud_events import CloudEvents
    from liveprofile.streams.stages.ingest.embedding import EmbeddingService
    from liveprofile.streams.stages.ingest.exchange_file import ExchangeFile
    from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey
    from liveprofile.streams.stages.profile.config import ProfileStageConfig
    from liveprofile.streams.stages.profile.local_state import LocalStates
    from liveprofile.streams.stages.profile.rebuild import RebuildStage

log = structlog.get_logger(__name__)


class Wiring:
    """Builds stages from the settings. Heavy libraries are loaded only for the stages that need them."""

    def __init__(self, settings: Settings, bootstrap: Bootstrap, topics: Topics | None = None) -> None:
        """`topics` replaces the topics of the settings, for tests with their own names of inputs and outputs."""
        self._settings = settings
        self._bootstrap = bootstrap
        self._topics = topics or settings.topics

    def stages(self, names: Sequence[str]) -> list[Stage]:
        """The stages by name: ingest, profile, learn, items."""
        build: dict[str, Callable[[], Stage]] = {
            "ingest": self.ingest,
            "profile": self.profile,
            "learn": self.learn,
            "items": self.items,
        }
        return [build[name]() for name in names]

    def embedding(self) -> "EmbeddingService":
        """Vectors of texts, from the cache in the data folder or the model. Raises as `manifest_of` does."""
        from liveprofile.models.embedder import Embedder
        from liveprofile.models.text_cache import TextCache
        from liveprofile.models.topic_names import TopicNames
        from liveprofile.streams.settings.model_of import manifest_of
        from liveprofile.streams.stages.ingest.embedding import EmbeddingService

        settings = self._settings
        manifest_of(settings)
        embedder = Embedder.load(settings.model_path, threads=settings.ingest.embed_threads)
        embedder.embed(["the first run of a model is slow"])
        cache = TextCache(
            settings.data_path / "cache" / "texts.sqlite",
            embedder.model_id,
            settings.ingest.cache_entries,
            key=self.key().digest(b"text cache:"),
            most_bytes=round(settings.ingest.cache_disk_mb * 2**20),
        )
        return EmbeddingService(
            embedder,
            cache,
            TopicNames.load(settings.model_path),
            max_batch=settings.ingest.batch_max,
            wait_s=settings.ingest.batch_deadline_ms / 1000,
            remembered=settings.ingest.cache_entries,
        )

    def key(self) -> "PseudonymKey":
        """The pseudonym key. UserError if there is none, and the Kafka is not the embedded one."""
        from liveprofile.streams.broker.locate import is_embedded
        from liveprofile.streams.settings.pseudonym_key import pseudonym_key
        from liveprofile.streams.stages.ingest.pseudonym import PseudonymKey

        settings = self._settings
        alone = is_embedded(str(self._bootstrap) or settings.bootstrap, settings.data_path)
        return PseudonymKey(pseudonym_key(settings, log.info, may_create=alone).reveal().encode())

    def ingest(self, *, marks: bool = True) -> Stage:
        """Validate, scrub, pseudonymise, embed; `marks` as of `IngestStage`."""
        from liveprofile.streams.stages.ingest.item_updates import ItemUpdates
        from liveprofile.streams.stages.ingest.stage import IngestStage

        settings = self._settings
        return IngestStage(
            key=self.key(),
            embedding=self.embedding(),
            activity_topic=self._topics.activity,
            dead_letters_topic=self._topics.dead_letters,
            topics=self._topics.inputs,
            clock_ms=now_ms,
            currency=settings.currency,
            skew_ms=round(settings.ingest.clock_skew_s * 1000),
            oldest_ms=round(settings.ingest.oldest_event_days * 86_400_000),
            placeholders=settings.ingest.placeholders,
            heavy_share=settings.ingest.heavy_share,
            item_updates=ItemUpdates(self._topics.item_events, settings.currency, settings.items.remembered),
            raw_dead_letters=settings.ingest.raw_dead_letters,
            exchange=self.exchange(),
            marks=marks,
            language=settings.language,
        )

    def exchange(self) -> "ExchangeFile | None":
        """The exchange rates, if the settings name a file of them. UserError for one that cannot be used."""
        from liveprofile.streams.stages.ingest.exchange_file import ExchangeFile

        ingest = self._settings.ingest
        if not ingest.exchange_rates:
            return None
        return ExchangeFile(Path(ingest.exchange_rates), self._settings.currency, ingest.exchange_rate_days)

    def profile(self) -> Stage:
        """Fold activity into profiles."""
        from liveprofile.streams.stages.profile.stage import ProfileStage

        read_state = partial(read_partition, self._bootstrap, waits=True)
        local = self._local_states() if self._settings.profile.state == "rocksdb" else None
        return ProfileStage(self.profile_config(), read_state, self.events(), local, publishes_progress=True)

    def rebuild(self, generation: int) -> "RebuildStage":
        """Fold activity into another generation of the state, and publish nothing."""
        from liveprofile.streams.stages.profile.rebuild import RebuildStage

        read_state = partial(read_partition, self._bootstrap, waits=True)
        local = self._local_states() if self._settings.profile.state == "rocksdb" else None
        return RebuildStage(generation, self.profile_config(), read_state, self.events(), local)

    def profile_config(self) -> "ProfileStageConfig":
        """The settings of the profile stage."""
        from liveprofile.streams.settings.model_of import manifest_of
        from liveprofile.streams.stages.profile.config import ProfileStageConfig

        profile = self._settings.profile
        return ProfileStageConfig(
            topics=self._topics,
            policy=profile.policy,
            embedder=manifest_of(self._settings).model_id,
            currency=self._settings.currency,
            checkpoint_s=profile.checkpoint_s,
            checkpoint_max_profiles=profile.checkpoint_max_profiles,
            tick_s=profile.tick_s,
            rows_in_memory=profile.rows_in_memory,
        )

    def events(self) -> "CloudEvents":
        """The encoder of facts and snapshots."""
        from liveprofile.streams.contract.cloud_events import CloudEvents
        from liveprofile.streams.language.words_of import ENGLISH

        if self._settings.language == ENGLISH:
            return CloudEvents(self._topics.group, now_ms)
        from liveprofile.streams.language.records import payloads_in

        return CloudEvents(self._topics.group, now_ms, payloads_in(self._settings.language))

    def _local_states(self) -> "LocalStates":
        """Local states in the data folder. UserError if RocksDB is not installed."""
        try:
            from liveprofile.streams.stages.profile.local_state import LocalStates
        except ModuleNotFoundError as error:
            raise UserError(
                f"profile.state is rocksdb, and {error.name} is not installed.",
                "Run pip install 'liveprofile[rocksdb]', or set profile.state to memory.",
            ) from None
        settings = self._settings
        return LocalStates(settings.data_path / "state" / self._topics.group, self._topics.state)

    def learn(self) -> Stage:
        """Learn from all profiles."""
        from liveprofile.streams.stages.learn.learners import make_learners
        from liveprofile.streams.stages.learn.model_events import ModelVersionEvents
        from liveprofile.streams.stages.learn.stage import LearnStage

        settings = self._settings
        return LearnStage(
            self._topics,
            make_learners(settings.learn, settings.profile.policy.dims),
            self.read_latest,
            events=ModelVersionEvents(self._topics.model_events, self._topics.group, now_ms),
            activity_dims=settings.profile.policy.dims,
            keep=settings.learn.keep_versions,
            max_record_bytes=settings.worker.max_record_bytes,
        )

    def items(self) -> Stage:
        """Keep the state of items and their co-occurrences."""
        from liveprofile.streams.stages.items.stage import ItemsStage, ItemsStageConfig

        items = self._settings.items
        config = ItemsStageConfig(
            self._topics,
            items.half_life_s,
            items.forget_after_days,
            items.checkpoint_s,
            items.checkpoint_max_pairs,
        )
        return ItemsStage(config, partial(read_partition, self._bootstrap, waits=True))

    async def read_latest(self, topic: str, partition: int) -> dict[bytes, bytes]:
        """The latest value of every key of a compacted partition that has one."""
        latest: dict[bytes, bytes] = {}
        async for records in read_partition(self._bootstrap, topic, partition, waits=True):
            for key, value, _ in records:
                if key is not None and value is not None:
                    latest[key] = value
                elif key is not None:
                    latest.pop(key, None)
        return latest
