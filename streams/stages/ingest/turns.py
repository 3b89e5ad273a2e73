"""Long work on the event loop gives other tasks their turn."""

import asyncio
from collections.abc import Callable
from time import perf_counter

LONGEST_STRETCH_S = 0.02
"""Working time after which heartbeats and other stages get their turn. A task that sleeps has its own after three."""


class Turns:
    """Measures a stretch of work, and ends it when it has lasted long enough."""

    def __init__(self, longest_s: float = LONGEST_STRETCH_S, clock: Callable[[], float] = perf_counter) -> None:
        self._longest_s = longest_s
        self._clock = clock
        self._began = clock()
        self.given = 0
        """How often others got their turn."""

    @property
    def are_due(self) -> bool:
        """Whether the stretch has lasted long enough."""
        return self._clock() - self._began >= self._longest_s

    async def end(self) -> None:
        """Let other tasks run, however long the stretch was."""
        self.given += 1
        await asyncio.sleep(0)
        self._began = self._clock()
