"""What a stage has run in this process: its batches and its loads, over all partitions and rebalances."""

from __future__ import annotations

from dataclasses import dataclass, field

from liveprofile.streams.metrics.histogram import LATENCY_S, LOAD_S, SIZES, Histogram


@dataclass(slots=True)
class StageRuns:
    """Counts since the process started; bumped once a batch or load."""

    records: int = 0
    seconds: Histogram = field(default_factory=lambda: Histogram(LATENCY_S))
    sizes: Histogram = field(default_factory=lambda: Histogram(SIZES))
    load_records: int = 0
    load_seconds: Histogram = field(default_factory=lambda: Histogram(LOAD_S))

    def ran(self, records: int, seconds: float) -> None:
        """Count a batch that was processed."""
        self.records += records
        self.seconds.add(seconds)
        self.sizes.add(records)

    def loaded(self, records: int, seconds: float) -> None:
        """Count a partition that was loaded from so many records."""
        self.load_records += records
        self.load_seconds.add(seconds)
