"""Counters of the profile stage since the worker started, for logs and metrics."""

from dataclasses import dataclass

from liveprofile.profiles.fold.result import FoldResult


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

    def checkpointed(self, records: int) -> None:
        """Add a checkpoint with this number of state records."""
        self.checkpoints += 1
        self.records_written += records
