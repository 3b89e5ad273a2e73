"""Says in the log that records of an input are refused: when that begins, how many there are, when it ends."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, Protocol, runtime_checkable

import structlog

from liveprofile.streams.runtime.stage import Stage

log = structlog.get_logger(__name__)

LOOK_S = 1.0
EVERY_S = 60.0
"""The least time between two lines about an input, and the time without a refusal after which they have ended."""


class Counts(Protocol):
    """Counters of a stage that refuses records."""

    @property
    def refused_by_input(self) -> Mapping[str, Counter[str]]:
        """Records by the code of the reason, by input."""


@runtime_checkable
class Refuses(Protocol):
    """A stage that refuses records."""

    @property
    def counters(self) -> Counts:
        """Its counters."""


class Line(NamedTuple):
    """One line of the log."""

    event: str
    records: int
    """Refused since the line before; at the end, since they began."""
    reasons: dict[str, int]
    """The same by reason, the most frequent first."""


BEGAN, MORE, ENDED = "records are refused", "more records were refused", "no record is refused any more"


class Refusals:
    """The refusals of one input since the last line.

    >>> refusals = Refusals(lambda: 0.0)
    >>> refusals.line(Counter({"no-text": 2}))
    Line(event='records are refused', records=2, reasons={'no-text': 2})
    >>> refusals.line(Counter({"no-text": 3}))
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._known: Counter[str] = Counter()
        self._before: Counter[str] = Counter()
        """What was known when they began."""
        self._told_s: float | None = None
        """None while none are refused."""

    def line(self, refused: Counter[str]) -> Line | None:
        """The line that is due for all refusals so far; None for none."""
        added = refused - self._known
        if self._told_s is None:
            if not added:
                return None
            self._before = self._known
            return self._tell(BEGAN, added, refused)
        if self._now_s() - self._told_s < EVERY_S:
            return None
        if added:
            return self._tell(MORE, added, refused)
        self._told_s = None
        return _line(ENDED, refused - self._before)

    def _tell(self, event: str, added: Counter[str], refused: Counter[str]) -> Line:
        self._known, self._told_s = Counter(refused), self._now_s()
        return _line(event, added)


def _line(event: str, counts: Counter[str]) -> Line:
    return Line(event, counts.total(), dict(counts.most_common()))


async def tell_refusals(stages: Iterable[Stage]) -> None:
    """Log the refusals of stages, input by input, until cancelled."""
    watched = [one for one in stages if isinstance(one, Refuses) and hasattr(one.counters, "refused_by_input")]
    inputs: dict[tuple[int, str], Refusals] = {}
    while watched:
        for number, stage in enumerate(watched):
            for topic, refused in list(stage.counters.refused_by_input.items()):
                if line := inputs.setdefault((number, topic), Refusals()).line(refused):
                    _log(topic, line)
        await asyncio.sleep(LOOK_S)


def _log(topic: str, line: Line) -> None:
    """A warning with the next step; the end is no warning."""
    found = {"input": topic, "records": line.records, "reasons": line.reasons}
    if line.event == ENDED:
        log.info(line.event, **found)
    else:
        log.warning(line.event, **found, next="liveprofile watch dead-letters --from start")
