"""Callbacks of a training: progress, and a request to stop after a step."""

from collections.abc import Callable
from dataclasses import dataclass

from liveprofile.models.export import Progress


@dataclass(frozen=True)
class Watch:
    """Callbacks of a training."""

    on_progress: Progress
    """Called with (name of the step, items done, items in all)."""
    learnt: Callable[[int, int, float], None]
    """Called with (steps done, steps in all, loss of the last one)."""
    stop: Callable[[], bool]
    """Called after each step; True saves a checkpoint and ends the training."""
