"""Progress of loading one partition's state, for readiness and for the log of a long load."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Progress:
    """Counts offsets of the state topic, that is records before compaction; `end` is -1 until it is known."""

    start: int = 0
    reached: int = 0
    end: int = -1
    records: int = 0
    """Records read: fewer than offsets passed if compaction has left gaps."""

    @property
    def done(self) -> int:
        """Offsets passed."""
        return self.reached - self.start

    @property
    def total(self) -> int | None:
        """Offsets in all; None until it is known."""
        return self.end - self.start if self.end >= 0 else None
