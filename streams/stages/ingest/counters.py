"""What ingest counts, as plain numbers that a metrics view reads."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class EmbeddingCounters:
    """Texts by where their vector came from."""

    texts: int = 0
    from_memory: int = 0
    asked: int = 0
    """Distinct texts that went to the thread; what is neither there nor in memory waited together with another."""
    from_disk: int = 0
    embedded: int = 0
    batches: int = 0
    busy_s: float = 0.0
    """Seconds that the executor thread worked, the disk cache included."""


@dataclass(slots=True)
class IngestCounters:
    """Events by what became of them. Every record that came in is in `events` or in `refused`."""

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
