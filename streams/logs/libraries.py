"""What libraries log: their news at debug, lost connections in our own words, and the rest by a bounded rate.

aiokafka reports every attempt to connect, and every error that one absence of a broker leads to: thousands of lines a
second. `Reachability` tells the same in two lines.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)

WINDOW_S = 10.0
LINES = 20
"""The most lines of one library in one window."""
LINES_AT_DEBUG = 5_000
"""The same where everything is asked for."""
OWN = "liveprofile"
PYTHON = "py.warnings"
"""Python's warnings, which are for those who write the code."""
_SERVICES = "mode"
"""The library that logs under the names of our own modules: its services are our classes."""

ABOUT_CONNECTIONS = frozenset(
    (
        "Unable connect to node with id %s: %s",
        "Unable to update metadata from %s",
        "Unable to request metadata from node with id %s: %r",
        "Failed fetch messages from %s: %s",
        "Got error produce response: %s",
        "Got error produce response on topic-partition %s, retrying. Error: %s",
        "Cannot send %r to %s: %r",
        "Could not send %r: %r",
        "Error sending %s to node %s [%s] -- marking coordinator dead",
        "Marking the coordinator dead (node %s)for group %s.",
        "Heartbeat send request failed: %s. Will retry.",
        "Heartbeat session expired - marking coordinator dead",
        "Group Coordinator Request failed: %s",
        "LeaveGroup request failed: %s",
    )
)
"""What aiokafka says again and again while a broker is away; a test finds each in its source."""


def library_of(record: logging.LogRecord) -> str | None:
    """The library that a log record is of; None for our own.

    >>> library_of(logging.makeLogRecord({"name": "aiokafka.conn", "msg": "closed"}))
    'aiokafka'
    """
    if isinstance(record.msg, dict):  # structlog's: only we log through it
        return None
    top = record.name.partition(".")[0]
    return _SERVICES if top == OWN else top


class LibraryFilter(logging.Filter):
    """Lets our own lines through, and of each library so many in a window; then says how many it left out."""

    def __init__(
        self,
        level: int,
        now_s: Callable[[], float] = time.monotonic,
        later: Callable[[float, Callable[[], None]], None] | None = None,
    ) -> None:
        """`level` is the least that is shown; `later` calls a function after so many seconds."""
        super().__init__()
        self._level = level
        self._most = LINES if level > logging.DEBUG else LINES_AT_DEBUG
        self._now_s = now_s
        self._later = later or _in_a_thread
        self._lock = threading.Lock()
        self._began_s = now_s()
        self._seen: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is shown."""
        library = library_of(record)
        if library is None:
            return True
        if record.levelno == logging.INFO or record.msg in ABOUT_CONNECTIONS or record.name == PYTHON:
            record.levelno, record.levelname = logging.DEBUG, "DEBUG"
        if record.levelno < self._level:
            return False
        with self._lock:
            if self._now_s() - self._began_s >= WINDOW_S:
                self._seen.clear()
                self._began_s = self._now_s()
            self._seen[library] += 1
            if self._seen[library] <= self._most:
                return True
            self._left_out[library] += 1
            if self._left_out.total() == 1:
                self._later(self._began_s + WINDOW_S - self._now_s(), self.tell)
            return False

    def tell(self) -> None:
        """Say what was left out since the last time."""
        with self._lock:
            left_out, self._left_out = self._left_out, Counter()
        for library, count in left_out.items():
            log.warning("lines of a library left out", library=library, lines=count, most_in_10_s=self._most)


def _in_a_thread(after_s: float, work: Callable[[], None]) -> None:
    timer = threading.Timer(after_s, work)
    timer.daemon = True
    timer.start()
