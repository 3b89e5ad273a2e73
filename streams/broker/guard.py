"""Runs a command that must not outlive this process's parent, even if the parent is killed.

Started as a script: `python -I guard.py COMMAND...` with a pipe as standard input that only the parent holds open.
It prints the process id of COMMAND. It kills COMMAND when the pipe closes, when its parent changes, or on a signal.
It uses the standard library only, so that it starts fast.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys

_CHECK_EVERY_S = 0.5
_PR_SET_PDEATHSIG = 1


def main(command: list[str]) -> int:
    """Runs `command` to its end and returns its exit code."""
    parent = os.getppid()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, preexec_fn=_die_with_the_guard)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    sys.stdout.write(f"{child.pid}\n")
    sys.stdout.flush()
    while child.poll() is None:
        if _parent_is_gone(parent):
            child.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(0)
    return child.returncode


def _parent_is_gone(parent: int) -> bool:
    readable, _, _ = select.select([sys.stdin], [], [], _CHECK_EVERY_S)
    return bool(readable) or os.getppid() != parent


def _die_with_the_guard() -> None:
    """On Linux the kernel kills the command if the guard itself is killed; other systems do not have this."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
