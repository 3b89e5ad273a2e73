"""Counters of ingest, for metrics."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class EmbeddingCounters:
    """Texts by the source of their vector."""

    texts: int = 0
    from_memory: int = 0
    asked: int = 0
    """Distinct texts that went to the embedding thread; the other ones shared a request with another event."""
    from_disk: int = 0
    embedded: int = 0
    batches: int = 0
    busy_s: float = 0.0
    """Working time of the embedding thread in seconds, including the disk cache."""


@dataclass(slots=True)
class IngestCounters:
    """Records by result. Every input record is in `events` or in `refused`."""

    records: int = 0
    events: int = 0
    activities: int = 0
    clock_clamped: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    """Dead letters by reason code."""
    embedding: EmbeddingCounters = field(default_factory=EmbeddingCounters)

    @property
    def dead_letters(self) -> int:
        """All dead letters."""
        return self.refused.total()
