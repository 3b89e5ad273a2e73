"""The profiles that events become: the stages of a worker, in memory; nothing of it is written anywhere."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from liveprofile.models.embedder import Embedder
from liveprofile.models.topic_names import TopicNames
from liveprofile.streams.backtest.check.lines import Line
from liveprofile.streams.backtest.engine.arrivals import Arrival
from liveprofile.streams.backtest.engine.engine import Engine
from liveprofile.streams.backtest.engine.memory_log import MemoryRecord
from liveprofile.streams.backtest.engine.parts import OfflineWiring, offline, pseudonyms
from liveprofile.streams.contract.inputs.common import REPLAYED_HEADER
from liveprofile.streams.settings import Settings
from liveprofile.streams.stages.ingest.embedding import EmbeddingService
from liveprofile.streams.stages.ingest.event import ValidatedEvent

KEPT, KEPT_BYTES = 20_000, 64 * 2**20
"""Taken records that are kept for profiles: the first so many, or so many bytes."""
_HEADERS = ((REPLAYED_HEADER, b"1"),)


class _Kept(NamedTuple):
    shopper: str
    arrival: Arrival


class KeptEvents:
    """The first events that were taken, to choose shoppers from."""

    def __init__(self, clock_ms: int) -> None:
        self._kept: list[_Kept] = []
        self._bytes = 0
        self._last_ms = clock_ms
        self.is_full = False
        """Whether later events were left out."""

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, line: Line, event: ValidatedEvent) -> None:
        """Keep an event; it arrives at its own time, as those of the past do, or at that of the event before."""
        if len(self._kept) >= KEPT or self._bytes >= KEPT_BYTES:
            self.is_full = True
            return
        self._last_ms = self._last_ms if event.time_ms is None else event.time_ms
        self._bytes += len(line.value)
        self._kept.append(_Kept(event.shopper, Arrival(line.topic, b"", line.value, self._last_ms, _HEADERS)))

    def busiest(self, count: int) -> list[str]:
        """The shoppers with the most events, the busiest first."""
        return [shopper for shopper, _ in Counter(one.shopper for one in self._kept).most_common(count)]

    def of(self, shoppers: Sequence[str]) -> list[Arrival]:
        """Their events, in the order of the file."""
        wanted = frozenset(shoppers)
        return [one.arrival for one in self._kept if one.shopper in wanted]


@dataclass(frozen=True, slots=True)
class Became:
    """A profile, and what would have been published of it."""

    snapshot: Mapping[str, Any]
    changes: tuple[MemoryRecord, ...]
    """Records of profile-changes, the oldest first."""


class _Texts:
    """Vectors by text for one run."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def get_many(self, texts: Sequence[str]) -> dict[str, bytes]:
        return {text: self._known[text] for text in texts if text in self._known}

    def put_many(self, items: Mapping[str, bytes]) -> None:
        self._known.update(items)

    def close(self) -> None:
        self._known.clear()


class _CheckWiring(OfflineWiring):
    """The stages without the text cache on disk."""

    def embedding(self) -> EmbeddingService:
        folder = self._settings.model_path
        return EmbeddingService(
            Embedder.load(folder, threads=self._settings.ingest.embed_threads), _Texts(), TopicNames.load(folder)
        )


async def become(settings: Settings, kept: KeptEvents, count: int) -> list[Became]:
    """The profiles of the busiest shoppers, by their events alone. ModelError without an exported model."""
    shoppers = kept.busiest(count)
    wiring = _CheckWiring(offline(settings))
    topics = wiring.topics
    profiles: dict[bytes, bytes] = {}
    changes: dict[bytes, list[MemoryRecord]] = {}

    def keep(topic: str, records: Sequence[MemoryRecord]) -> None:
        for one in records:
            if one.key is None or one.value is None:
                continue
            if topic == topics.profiles:
                profiles[one.key] = one.value
            elif topic == topics.profile_changes:
                changes.setdefault(one.key, []).append(one)

    async with Engine(wiring, output=keep) as engine:
        await engine.run(kept.of(shoppers))
        await engine.checkpoint()
    keys = [pseudonyms().of(shopper)[0] for shopper in shoppers]
    return [Became(orjson.loads(profiles[key]), tuple(changes.get(key, ()))) for key in keys if key in profiles]
