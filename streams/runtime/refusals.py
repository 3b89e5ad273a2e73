"""Says in the log that a stage refuses records: at once when that begins, then what has been added, now and then."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Protocol, runtime_checkable

import structlog

from liveprofile.streams.runtime.stage import Stage

log = structlog.get_logger(__name__)

LOOK_S = 1.0
EVERY_S = 60.0
"""The least time between two lines."""


class Counts(Protocol):
    """Counters of a stage that refuses records."""

    @property
    def refused(self) -> Counter[str]:
        """Records by the code of the reason."""


@runtime_checkable
class Refuses(Protocol):
    """A stage that refuses records."""

    @property
    def counters(self) -> Counts:
        """Its counters."""


class Refusals:
    """What was refused since the last line.

    >>> counts = Counter(invalid_json=2)
    >>> refusals = Refusals(lambda: counts, lambda: 0.0)
    >>> refusals.news()
    {'invalid_json': 2}
    >>> counts["invalid_json"] += 1
    >>> refusals.news()
    {}
    """

    def __init__(self, refused: Callable[[], Counter[str]], now_s: Callable[[], float] = time.monotonic) -> None:
        self._refused, self._now_s = refused, now_s
        self._told: Counter[str] = Counter()
        self._told_s: float | None = None

    def news(self) -> dict[str, int]:
        """Counts by reason, the most frequent first, if there are new ones and it is time to tell; empty otherwise."""
        found = self._refused()
        added = found - self._told
        if not added or (self._told_s is not None and self._now_s() - self._told_s < EVERY_S):
            return {}
        self._told, self._told_s = Counter(found), self._now_s()
        return dict(added.most_common())


async def tell_refusals(stages: Iterable[Stage]) -> None:
    """Log the refusals of stages until cancelled."""
    watched = [stage for stage in stages if isinstance(stage, Refuses) and hasattr(stage.counters, "refused")]
    refusals = [Refusals(lambda stage=stage: stage.counters.refused) for stage in watched]  # type: ignore[misc]
    while watched:
        for one in refusals:
            if news := one.news():
                log.warning(
                    "records refused",
                    records=sum(news.values()),
                    reasons=news,
                    next="liveprofile watch dead-letters --from start",
                )
        await asyncio.sleep(LOOK_S)
