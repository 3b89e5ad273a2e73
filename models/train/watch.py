"""Who watches a training: hears how far it is, and may stop it after a step."""

from collections.abc import Callable
from dataclasses import dataclass

from liveprofile.models.export import Progress


@dataclass(frozen=True)
class Watch:
    """What a training tells, and asks."""

    on_progress: Progress
    """Hears (what is being done, how far, of how many)."""
    learnt: Callable[[int, int, float], None]
    """Hears (steps done, of how many, loss of the last one)."""
    stop: Callable[[], bool]
    """Asked after each step; True leaves a checkpoint and ends."""
