"""One supervised process: its place with a name that lasts, its start, its words, and its end."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from liveprofile.streams.runtime.processes.lifeline import GO, Word

GRACE_S = 45.0
"""Longest wait for an orderly stop: batches in progress have 30 s, and Kafka may be away."""


@dataclass(frozen=True, slots=True)
class Place:
    """What is started again and again under one name."""

    name: str
    """Its instance id in the group: the same for all processes of the place."""
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables besides those of the supervisor."""
    page: str = ""
    """Address of its probes and figures, `http://host:port`; empty for none."""


class Child:
    """A process of a place. Made by `start`."""

    def __init__(self, place: Place, process: asyncio.subprocess.Process, changed: Callable[[], None]) -> None:
        self.place = place
        self.is_prepared = self.is_ready = self.was_ready = self.was_asked = self.has_left = False
        self._process = process
        self._changed = changed
        self._began_s = time.monotonic()
        self._moved = asyncio.Event()
        self._follower = asyncio.create_task(self._follow())
        self._ended = asyncio.create_task(process.wait())
        self._ended.add_done_callback(lambda _: self._note())

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative after a signal."""
        return self._process.returncode

    @property
    def lived_s(self) -> float:
        """Seconds since its start."""
        return time.monotonic() - self._began_s

    def go(self) -> None:
        """Let it join its group, if it has not been let yet."""
        with suppress(OSError):
            if self._process.stdin is not None and not self._process.stdin.is_closing():
                self._process.stdin.write(GO)

    def ask(self) -> None:
        """Ask it to stop in order, once: a second request would end it at once."""
        if self.exit_code is None and not self.was_asked:
            self.was_asked = True
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it without last words."""
        with suppress(ProcessLookupError):
            self._process.kill()

    async def ended(self) -> int:
        """Wait for its end; its exit code, negative after a signal."""
        return await asyncio.shield(self._ended)

    async def stop(self, grace_s: float = GRACE_S) -> int:
        """Ask it to stop, wait, and kill it if it does not; its exit code."""
        self.ask()
        try:
            async with asyncio.timeout(grace_s):
                return await self.ended()
        except TimeoutError:
            self.kill()
            return await self.ended()

    async def until(self, holds: Callable[[Child], bool], within_s: float) -> bool:
        """Wait until it is as wanted; False if it ends before, or the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not holds(self) and self.exit_code is None:
                    self._moved.clear()
                    await self._moved.wait()
        return holds(self) and self.exit_code is None

    async def _follow(self) -> None:
        """Take its words until it closes its output."""
        output = self._process.stdout
        assert output is not None
        while line := await output.readline():
            match line.decode(errors="replace").strip():
                case Word.PREPARED:
                    self.is_prepared = True
                case Word.READY:
                    self.is_ready = self.was_ready = True
                case Word.NOT_READY:
                    self.is_ready = False
                case Word.LEFT:
                    self.is_ready, self.has_left = False, True
            self._note()

    def _note(self) -> None:
        self.is_ready = self.is_ready and self.exit_code is None
        self._moved.set()
        self._changed()


async def start(place: Place, changed: Callable[[], None]) -> Child:
    """Start a process of a place; `changed` is called whenever it has told something or has ended.

    It is a process of its own session: Ctrl-C at the terminal reaches the supervisor alone. It is made by exec, not by
    fork: threads and clients of the supervisor stay where they are.
    """
    process = await asyncio.create_subprocess_exec(
        *place.command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **place.environment},
        start_new_session=True,
    )
    return Child(place, process, changed)
