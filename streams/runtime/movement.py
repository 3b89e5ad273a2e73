"""Whether the work on one partition goes on: when it last moved, or had nothing to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from liveprofile.streams.runtime.lag import LagClock


@dataclass(slots=True)
class Movement:
    """What was seen of one partition, look by look.

    >>> now = iter([0.0, 1.0, 5.0, 6.0, 9.0, 10.0])
    >>> moved = Movement(lambda: next(now))
    >>> for mark, has_work in [(1, True), (1, True), (2, True), (2, True), (2, False)]: moved.look(mark, has_work)
    >>> moved.still_s(10.0), moved.still_s(12.0)
    (0.0, 2.0)
    """

    now_s: Callable[[], float]
    moved_s: float = field(init=False)
    """By the clock of `now_s`."""
    lag: LagClock = field(default_factory=LagClock)
    _mark: object = None

    def __post_init__(self) -> None:
        self.moved_s = self.now_s()

    def look(self, mark: object, has_work: bool) -> None:
        """Note what there is now; `mark` is another value whenever something has moved."""
        now_s = self.now_s()
        if mark != self._mark or not has_work:
            self._mark, self.moved_s = mark, now_s

    def pardon(self) -> None:
        """What stood still until now was not the worker's fault."""
        self.moved_s = self.now_s()

    def still_s(self, now_s: float) -> float:
        """For how long it has not moved although there was work."""
        return now_s - self.moved_s
