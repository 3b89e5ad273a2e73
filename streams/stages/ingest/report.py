"""Tells operators what ingest put right or passed over: one line of the log a minute, if there is anything to tell."""

from collections import Counter
from collections.abc import Callable
from time import monotonic

import structlog

from liveprofile.streams.stages.ingest.counters import IngestCounters
from liveprofile.streams.stages.ingest.heavy_hitters import Heavy

EVERY_S = 60.0

log = structlog.get_logger(__name__)


class Report:
    """The differences of the counters since the last line."""

    def __init__(self, counters: IngestCounters, clock: Callable[[], float] = monotonic) -> None:
        self._counters = counters
        self._clock = clock
        self._due = clock() + EVERY_S
        self._before: Counter[str] = Counter()

    def say_if_due(self) -> None:
        """Write the line if a minute has passed."""
        if self._clock() >= self._due:
            self.say()

    def say(self) -> None:
        """Write the line, unless nothing has happened since the last one."""
        self._due = self._clock() + EVERY_S
        now = Counter(self._counters.told())
        new = now - self._before
        self._before = now
        if new:
            log.info("ingest put right, passed over or did not read", **dict(sorted(new.items())))

    def heavy(self, heavy: Heavy) -> None:
        """Name an id with an unlikely share of all events."""
        log.warning(
            "one shopper has the traffic of many: a placeholder, a test or a crawler?",
            profile=heavy.profile_id,
            events=heavy.events,
            share=round(heavy.share, 3),
            see="ingest.placeholders",
        )
