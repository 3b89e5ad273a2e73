"""How far the loading of one partition's state has come: what readiness tells, and the log of a long load."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Progress:
    """Counts in offsets of the state topic, so of records before compaction; `end` is -1 until it is known."""

    start: int = 0
    reached: int = 0
    end: int = -1
    records: int = 0
    """Records read: fewer than offsets passed, where compaction has left gaps."""

    @property
    def done(self) -> int:
        """Offsets passed."""
        return self.reached - self.start

    @property
    def total(self) -> int | None:
        """Offsets there are, None until it is known."""
        return self.end - self.start if self.end >= 0 else None
