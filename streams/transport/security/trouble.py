"""Tells of a trouble when it begins, now and then while it lasts, and when it is over."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)

AGAIN_S = 60.0


class Trouble:
    """One kind of trouble of a process; many connections may run into it at once.

    >>> said = []
    >>> trouble = Trouble("the token is renewed again", said.append, now_s=lambda: 0.0)
    >>> trouble.met("no answer"), trouble.met("no answer"), trouble.over(), trouble.over()
    (None, None, None, None)
    >>> said
    ['no answer', 'the token is renewed again']
    """

    def __init__(
        self,
        when_over: str,
        tell: Callable[[str], object] | None = None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """`when_over` is what is told at its end; `tell` writes a warning unless it is given."""
        self._when_over = when_over
        self._tell = tell or log.warning
        self._now_s = now_s
        self._told_s: float | None = None
        self._lock = threading.Lock()

    def met(self, words: str) -> None:
        """It is there."""
        with self._lock:
            now_s = self._now_s()
            if self._told_s is not None and now_s < self._told_s + AGAIN_S:
                return
            self._told_s = now_s
        self._tell(words)

    def over(self) -> None:
        """It is not there."""
        with self._lock:
            if self._told_s is None:
                return
            self._told_s = None
        self._tell(self._when_over)
