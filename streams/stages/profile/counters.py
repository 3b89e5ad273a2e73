"""Counters of the profile stage since the worker started, for logs and metrics."""

from collections import Counter
from dataclasses import dataclass, field

from liveprofile.profiles.facts.facts import Code
from liveprofile.profiles.fold.result import FoldResult
from liveprofile.profiles.state.row import PATHS
from liveprofile.streams.metrics.histogram import SIZES, Histogram
from liveprofile.streams.stages.profile.delays import Delays

FIRST_WORDS = {path: path.partition(".")[0] for path in PATHS}


@dataclass(slots=True)
class ProfileCounters:
    """Counts since the start; they are lost with the process, and no decision depends on them."""

    applied: int = 0
    replayed: int = 0
    resent: int = 0
    duplicates: int = 0
    erased: int = 0
    """Activities dropped because their profile was erased."""
    unreadable: int = 0
    """Records of `activity` that went to dead-letters."""
    changes: int = 0
    anomalies: int = 0
    suppressed: int = 0
    checkpoints: int = 0
    records_written: int = 0
    fold_s: float = 0.0
    """Seconds spent in the fold itself."""
    controls: int = 0
    """Control records: ticks, models, rules, erasures."""
    said: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Durable changes by the first word of their path, and by origin."""
    steps: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Durable steps of anomalies by kind and state."""
    gone: Counter[str] = field(default_factory=Counter)
    """Erased profiles by reason: on demand, or idle."""
    checkpoint_sizes: Histogram = field(default_factory=lambda: Histogram(SIZES))
    delays: Delays = field(default_factory=Delays)

    def count(self, result: FoldResult, seconds: float) -> None:
        """Add a batch."""
        self.applied += result.applied
        self.replayed += result.replayed
        self.resent += result.resent
        self.duplicates += result.duplicates
        self.erased += result.erased
        self.unreadable += len(result.unreadable)
        self.changes += len(result.changes)
        self.anomalies += len(result.anomalies)
        self.suppressed += result.suppressed
        self.fold_s += seconds

    def count_controls(self, result: FoldResult, records: int) -> None:
        """Add what else was in a batch of so many records."""
        known = result.applied + result.replayed + result.resent + result.duplicates + result.erased
        self.controls += max(0, records - known - len(result.unreadable))

    def published(self, result: FoldResult) -> None:
        """Add the facts of a batch, which are durable."""
        said = self.said
        for fact in result.changes:
            origin = fact.record.origin
            for change in fact.record.changes:
                said[FIRST_WORDS.get(change.path, change.path), origin] += 1
            if origin == "erasure":
                self.gone["demand" if fact.record.changes[0].reason.code == Code.ERASED else "idle"] += 1
        self.steps.update((fact.record.kind, fact.record.state) for fact in result.anomalies)

    def checkpointed(self, records: int) -> None:
        """Add a checkpoint with this number of state records."""
        self.checkpoints += 1
        self.records_written += records
        self.checkpoint_sizes.add(records)
