"""Counters of ingest, for metrics."""

from collections import Counter
from dataclasses import dataclass, field

from liveprofile.streams.contract.placeholders import Field, Kind
from liveprofile.streams.metrics.histogram import LATENCY_S, SIZES, Histogram


@dataclass(slots=True)
class EmbeddingCounters:
    """Texts by the source of their vector."""

    texts: int = 0
    from_memory: int = 0
    asked: int = 0
    """Distinct texts that went to the embedding thread."""
    shared: int = 0
    """Texts that another event, or another line of the same one, had asked for just before."""
    from_disk: int = 0
    embedded: int = 0
    batches: int = 0
    busy_s: float = 0.0
    """Working time of the embedding thread in seconds, including the disk cache."""
    seconds: Histogram = field(default_factory=lambda: Histogram(LATENCY_S))
    """The same of each batch."""
    sizes: Histogram = field(default_factory=lambda: Histogram(SIZES))
    """Texts of each batch."""

    def computed(self, texts: int, known: int, seconds: float) -> None:
        """Count a batch of which some were known on disk; on the embedding thread."""
        self.batches += 1
        self.from_disk += known
        self.embedded += texts - known
        self.busy_s += seconds
        self.seconds.add(seconds)
        self.sizes.add(texts)


@dataclass(slots=True)
class IngestCounters:
    """Records by result. Every input record is in `events`, `passed_over` or `refused`."""

    records: int = 0
    events: int = 0
    activities: int = 0
    clock_clamped: int = 0
    """Events whose time lay further ahead of their arrival than the setting allows, and was moved back."""
    accepted_by_input: Counter[str] = field(default_factory=Counter)
    """Events by input, once their activities are on the way."""
    passed_over_by_input: Counter[str] = field(default_factory=Counter)
    passed_over: Counter[str] = field(default_factory=Counter)
    """Valid records that say nothing about a shopper's acts, by their name."""
    placeholders: Counter[tuple[Field, Kind]] = field(default_factory=Counter)
    """Placeholders that were taken as no value, by field and kind."""
    heavy: int = 0
    """Shoppers that were named for their share of all events."""
    refused: Counter[str] = field(default_factory=Counter)
    """Dead letters by reason code."""
    refused_by_input: dict[str, Counter[str]] = field(default_factory=dict)
    """The same by input."""
    currencies: Counter[tuple[str, bool]] = field(default_factory=Counter)
    """Events with amounts in another currency than the shop's: by currency, and whether they were converted."""
    near_misses: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Looked-at records with an unknown field that looks like a known one, by input and known field."""
    embedding: EmbeddingCounters = field(default_factory=EmbeddingCounters)

    def refuse(self, topic: str, reason: str) -> None:
        """Count a dead letter of an input."""
        self.refused[reason] += 1
        self.refused_by_input.setdefault(topic, Counter())[reason] += 1

    @property
    def dead_letters(self) -> int:
        """All dead letters."""
        return self.refused.total()

    def told(self) -> dict[str, int]:
        """What operators want to hear of, by name."""
        told = {f"placeholder {field} {kind}": count for (field, kind), count in self.placeholders.items()}
        told |= {f"passed over {name}": count for name, count in self.passed_over.items()}
        told |= {
            f"amounts in {code} {'converted' if converted else 'unknown'}": count
            for (code, converted), count in self.currencies.items()
        }
        told |= {f"{topic} with a field like {known}": count for (topic, known), count in self.near_misses.items()}
        return told | ({"clocks put back": self.clock_clamped} if self.clock_clamped else {})
