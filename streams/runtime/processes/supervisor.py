"""Keeps several worker processes alive: starts them, starts them again, restarts them in turn, and stops them together.

a process ends unasked    it is started again, after a wait that grows until one lives for a minute
it ends with 2 or 3       a person has to put something right: all stop, and that is the supervisor's exit code
it ends with 4            the same as long as no process was ever ready; later Kafka may come back
SIGTERM, Ctrl-C           all stop in order, side by side; a second one ends everything at once
SIGUSR1                   a rolling restart: a successor prepares itself, then takes the place of its predecessor
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path

import structlog

from liveprofile.streams.errors import ExitCode
from liveprofile.streams.runtime.processes.backoff import BackOff
from liveprofile.streams.runtime.processes.child import GRACE_S, Child, Place, start

log = structlog.get_logger(__name__)

PREPARED_S = 300.0
"""Longest preparation of a process: the first one on a machine compiles the fold."""
READY_S = 600.0
"""Longest wait for a process to be ready, before a rolling restart goes no further."""
FOR_A_PERSON = (ExitCode.USAGE, ExitCode.WRONG)


class Supervisor:
    """The processes of one command, by their places."""

    def __init__(self, places: Sequence[Place], ready_file: Path | None = None) -> None:
        """`ready_file` exists while all processes are ready."""
        self.places = tuple(places)
        self.children: dict[str, Child] = {}
        """The process that each place has now."""
        self.restarts = dict.fromkeys((place.name for place in self.places), 0)
        self.started_up = False
        """Whether all processes were ready at one time."""
        self._ready_file = ready_file
        self._successors: dict[str, Child] = {}
        self._told = -1
        self._was_any_ready = False
        self._stopping = asyncio.Event()
        self._code: int = ExitCode.OK
        self._rolling: asyncio.Task[None] | None = None

    @property
    def ready(self) -> int:
        """How many processes are ready."""
        return sum(child.is_ready for child in self.children.values())

    @property
    def is_stopping(self) -> bool:
        """Whether it is on its way out."""
        return self._stopping.is_set()

    async def run(self) -> int:
        """Run until a signal, or until a process ends for a person to look at; the exit code."""
        self._follow_signals()
        self._changed()
        try:
            await self._start_all()
            keepers = [asyncio.create_task(self._keep(place)) for place in self.places]
            await self._stopping.wait()
            log.info("processes stopping: all at once, each in order", processes=len(self.places))
            if self._rolling is not None:
                self._rolling.cancel()
            every = [*self.children.values(), *self._successors.values()]
            codes = await asyncio.gather(*(child.stop() for child in every))
            for keeper in keepers:
                keeper.cancel()
            await asyncio.gather(*keepers, return_exceptions=True)
        finally:
            for child in (*self.children.values(), *self._successors.values()):
                child.kill()
            if self._ready_file is not None:
                self._ready_file.unlink(missing_ok=True)
        code = self._code or _worst([_settled(child, code) for child, code in zip(every, codes, strict=True)])
        log.info("processes stopped", code=int(code))
        return code

    def stop(self, code: int = ExitCode.OK) -> None:
        """Begin to stop; the first reason counts."""
        if not self._stopping.is_set():
            self._code = code
            self._stopping.set()

    def restart_in_turn(self) -> None:
        """Begin a rolling restart, unless one is under way."""
        if (self._rolling is None or self._rolling.done()) and not self.is_stopping:
            self._rolling = asyncio.create_task(self._roll())

    def _follow_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._on_signal)
        loop.add_signal_handler(signal.SIGUSR1, self.restart_in_turn)

    def _on_signal(self) -> None:
        if not self.is_stopping:
            self.stop()
            return
        self._code = ExitCode.FAILED
        for child in (*self.children.values(), *self._successors.values()):
            child.kill()

    async def _start_all(self) -> None:
        """Start all, and let them join when all are prepared: the group shares its partitions out once."""
        for place in self.places:
            self.children[place.name] = await start(place, self._changed)
        prepared = [child.until(lambda one: one.is_prepared, PREPARED_S) for child in self.children.values()]
        waiting = asyncio.gather(*prepared)
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait((waiting, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        waiting.cancel()
        for child in self.children.values():
            child.go()

    async def _keep(self, place: Place) -> None:
        """Have a process in a place, always."""
        back_off = BackOff()
        while True:
            child = self.children[place.name]
            code = await child.ended()
            if self.is_stopping:
                return
            if (successor := self._successors.pop(place.name, None)) is not None:
                self.children[place.name] = successor
                successor.go()
                continue
            if code in FOR_A_PERSON or (code == ExitCode.NO_KAFKA and not self._was_any_ready):
                log.error("a process ended for a person to look at: all stop", instance=place.name, code=code)
                self.stop(code)
                return
            wait_s = back_off.next_s(child.lived_s)
            log.warning("process ended, and is started again", instance=place.name, code=code, wait_s=wait_s)
            await asyncio.sleep(wait_s)
            self.restarts[place.name] += 1
            self.children[place.name] = again = await start(place, self._changed)
            again.go()

    async def _roll(self) -> None:
        """Replace one process after the other; none is stopped before its successor is prepared."""
        for place in self.places:
            log.info("rolling restart: preparing a successor", instance=place.name)
            successor = await start(place, self._changed)
            self._successors[place.name] = successor
            predecessor = self.children[place.name]
            if not await successor.until(lambda one: one.is_prepared, PREPARED_S):
                self._successors.pop(place.name, None)
                code = await successor.stop()
                log.error("rolling restart ends here: a successor could not prepare", instance=place.name, code=code)
                return
            if self.children[place.name] is predecessor:
                predecessor.ask()
                await predecessor.until(lambda one: one.has_left, GRACE_S)
                if predecessor.has_left:
                    successor.go()
                await predecessor.stop()
            if not await successor.until(lambda one: one.is_ready, READY_S):
                log.error("rolling restart ends here: a process did not become ready", instance=place.name)
                return
        log.info("rolling restart done", processes=len(self.places))

    def _changed(self) -> None:
        """Say how many are ready, when that has changed, and keep the file."""
        ready, count = self.ready, len(self.places)
        self._was_any_ready = self._was_any_ready or ready > 0
        self.started_up = self.started_up or ready == count
        if ready == self._told:
            return
        if self._told >= 0 and not self.is_stopping:
            log.info(f"{ready} of {count} processes ready")
        self._told = ready
        if self._ready_file is None:
            return
        try:
            if ready == count:
                self._ready_file.write_text("ready\n")
            else:
                self._ready_file.unlink(missing_ok=True)
        except OSError as error:
            log.error("the ready file cannot be written: all stop", file=str(self._ready_file), problem=str(error))
            self.stop(ExitCode.USAGE)


def _settled(child: Child, code: int) -> int:
    """The exit code of a process that was told to stop: one that had not begun yet has nothing to settle."""
    return ExitCode.OK if code == -signal.SIGTERM and not child.is_prepared else code


def _worst(codes: Sequence[int]) -> int:
    """The exit code for all: 0 if all are, else that Kafka was away, else that something went wrong.

    >>> [int(_worst(codes)) for codes in ([0, 0], [0, 4], [4, -9])]
    [0, 4, 1]
    """
    if not any(codes):
        return ExitCode.OK
    return ExitCode.NO_KAFKA if set(codes) <= {ExitCode.OK, ExitCode.NO_KAFKA} else ExitCode.FAILED
