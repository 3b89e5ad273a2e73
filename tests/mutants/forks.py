"""Runs a function in a fork of this process, with an end by time."""

import os
import resource
import select
import signal
import time
import traceback
from collections.abc import Callable

ENDED = "\n"
SILENT = 3
"""Standard input, output and errors have these numbers below it."""


def answered(function: Callable[[], str], wall_s: float, cpu_s: float) -> str:
    """What the function returns in a fork; or else what ended it. All that it has started is ended with it."""
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.close(reading)
        _run(function, writing, int(cpu_s))
    os.close(writing)
    answer, ends = b"", time.monotonic() + wall_s
    while not answer.endswith(ENDED.encode()):
        if not select.select([reading], [], [], max(0.0, ends - time.monotonic()))[0]:
            break
        if not (part := os.read(reading, 65_536)):
            break
        answer += part
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(reading)
    if answer.endswith(ENDED.encode()):
        return answer.decode().strip()
    return "the limit of time" if time.monotonic() >= ends else "the end of the process"


def _run(function: Callable[[], str], answers: int, cpu_s: int) -> None:
    """In the fork."""
    try:
        os.setsid()
        used = int(time.process_time())
        resource.setrlimit(resource.RLIMIT_CPU, (used + cpu_s, used + cpu_s + 5))
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in range(SILENT):
            os.dup2(nothing, stream)
        found = function()
    except BaseException:
        found = traceback.format_exc(limit=-1).strip().splitlines()[-1]
    os.write(answers, (found.replace(ENDED, " ") + ENDED).encode())
    os._exit(0)
