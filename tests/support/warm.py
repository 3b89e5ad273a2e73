"""Worker processes that start in a moment: forks of a process that has imported what a worker needs.

A worker's command imports and loads compiled code for four seconds before it does anything, and tests start a hundred
workers. A fork is a process of its own all the same: it is killed, paused and waited for by its id.
"""

import ctypes
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from threading import Lock

from support.secured.lead import lead
from support.secured.suite import REGISTRY

_PR_SET_PDEATHSIG = 1

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.support.warm_imports"])


class Forked:
    """A process that was forked, used like one of `subprocess.Popen`."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        self._one_at_a_time = Lock()
        self.pid = process.pid or 0
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit code, negative after a signal; None while it runs."""
        with self._one_at_a_time:
            self.returncode = self._process.exitcode
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended. TimeoutExpired after `timeout` seconds."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired([self._process.name], timeout or 0.0)
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)


def start_warm(module: str, arguments: Sequence[str], environment: Mapping[str, str], log: Path) -> Forked:
    """Run `python -m MODULE ARGUMENTS` in a fork, its output in a file. It ends with this process, in whatever way."""
    given = dict(os.environ) | dict(environment)
    log.touch()
    process = _FORKS.Process(target=_run, args=(module, list(arguments), given, log), name=module, daemon=True)
    process.start()
    return Forked(process)


def _run(module: str, arguments: list[str], environment: dict[str, str], log: Path) -> None:
    """What a fork does."""
    os.setsid()  # Ctrl-C is for the tests
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    output = os.open(log, os.O_WRONLY | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.clear()
    os.environ.update(environment)
    if REGISTRY in environment:
        lead()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
