"""Child processes that cannot outlive their parent, each with its output in a file."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

_PR_SET_PDEATHSIG = 1
STOP_S = 20.0
"""Longest wait for a child's orderly stop before it is killed."""


@dataclass
class Child:
    """One child process."""

    name: str
    log: Path
    process: subprocess.Popen[bytes]
    asked: bool = False
    """Whether it was asked to stop."""

    def exit_code(self) -> int | None:
        """None while it runs; negative after a signal."""
        return self.process.poll()

    def processor_s(self) -> float | None:
        """Processor time that it has taken, all threads, in seconds; None when it has ended."""
        try:
            times = psutil.Process(self.process.pid).cpu_times()
        except psutil.Error:
            return None
        return float(times.user + times.system)

    def end_of_log(self, lines: int = 25) -> str:
        """The last lines of its output."""
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
        return ""

    def ask(self) -> None:
        """Ask it to stop, once: a second request would end it at once."""
        if self.process.poll() is None and not self.asked:
            self.asked = True
            self.process.send_signal(signal.SIGTERM)

    def stop(self, grace_s: float = STOP_S) -> None:
        """Ask it to stop, wait, and kill it if it does not."""
        self.ask()
        try:
            self.process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass
class Children:
    """The children of this process; the exit of the context asks all to stop, and waits for them in reverse order."""

    logs: Path
    alive: list[Child] = field(default_factory=list)

    def __enter__(self) -> "Children":
        self.logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        for child in reversed(self.alive):
            child.ask()
        for child in reversed(self.alive):
            child.stop()
        self.alive.clear()

    def start(
        self,
        name: str,
        arguments: Sequence[str],
        environment: Mapping[str, str] | None = None,
        *,
        module: str = "liveprofile",
    ) -> Child:
        """Start `python -m MODULE ARGUMENTS`. On Linux the kernel kills it if this process ends in any way."""
        log = self.logs / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **(environment or {})},
                start_new_session=True,  # Ctrl-C must not reach children: they are stopped in order
                preexec_fn=_die_with(os.getpid()),
            )
        child = Child(name, log, process)
        self.alive.append(child)
        return child

    def dead(self) -> Child | None:
        """A child that has ended, if there is one."""
        return next((child for child in self.alive if child.exit_code() is not None), None)


def wait_for(child: Child, done: Callable[[], bool], limit_s: float) -> bool:
    """Wait until `done`; False if the child ends or the time is over before."""
    deadline = time.monotonic() + limit_s
    while not done():
        if child.exit_code() is not None or time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _die_with(parent: int) -> Callable[[], None]:
    """A function for the child before its program starts: the kernel will kill it with its parent."""
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def prepare() -> None:
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # a SIGTERM before the exec would be lost
            if os.getppid() != parent:
                os._exit(1)

    return prepare
