"""A supervised worker's end of its two pipes: it waits for its turn, tells how far it is, and ends with its supervisor.

Standard input is the lifeline: the supervisor holds the other end open for as long as it lives, on every system and
however it dies. A line on it is the turn to join the group. Standard output takes one word a line.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from contextlib import suppress
from enum import StrEnum

from liveprofile.streams.errors import ExitCode

GO = b"\n"
"""What the supervisor writes when the worker may join its group."""
ORPHAN_S = 20.0
"""A worker whose supervisor is gone ends in order, and after so many seconds in any case."""
_LOOK_S = 0.02


class Word(StrEnum):
    """What a worker tells its supervisor."""

    PREPARED = "prepared"
    """All is loaded and checked but its partitions: it could join the group at once."""
    READY = "ready"
    NOT_READY = "not-ready"
    LEFT = "left"
    """All is settled, and the connections and the port are closed: a successor need not wait for the process's end."""


class Lifeline:
    """The worker's end of both pipes."""

    def __init__(self, read_from: int = 0, write_to: int = 1) -> None:
        """File descriptors; standard input and output."""
        self._read_from = read_from
        self._write_to = write_to
        self._turn = threading.Event()

    def hold(self) -> None:
        """Begin to follow the supervisor, in a thread: it also does when the event loop stands still."""
        threading.Thread(target=self._follow, name="lifeline", daemon=True).start()

    def tell(self, word: Word) -> None:
        """Tell the supervisor; one that is gone is told nothing."""
        with suppress(OSError):
            os.write(self._write_to, f"{word}\n".encode())

    async def turn(self) -> None:
        """Tell that all is prepared, and wait until the supervisor says that it is this worker's turn."""
        self.tell(Word.PREPARED)
        while not self._turn.is_set():  # noqa: ASYNC110 - the thread that sets it knows no event loop
            await asyncio.sleep(_LOOK_S)

    def _follow(self) -> None:
        while os.read(self._read_from, 64):
            self._turn.set()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(ORPHAN_S)
        os._exit(ExitCode.FAILED)
