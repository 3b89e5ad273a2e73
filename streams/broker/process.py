"""Finds our broker's process: a pid file that counts only if start time and command line agree with it."""

import contextlib
import fcntl
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

_CLOCK_TOLERANCE_S = 2.0
"""psutil derives the start time from the boot time, which changes a little when the clock is corrected."""


@dataclass(frozen=True, slots=True)
class RunningBroker:
    """The content of broker.json: process id, start (epoch seconds), ports, cluster's id, how it is secured."""

    pid: int
    started: float
    port: int
    controller_port: int
    cluster_id: str
    kafka_version: str
    node_id: int = 1
    mechanism: str = ""
    """How clients of a secured broker say who they are; empty: it is open."""
    internal_port: int = 0
    issuer_port: int = 0

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"


def marker(folder: Path) -> str:
    """The command-line argument that identifies the broker of `folder` among all processes."""
    return f"-Dliveprofile.broker={folder}"


def write(folder: Path, running: RunningBroker) -> None:
    """Writes the pid file in one step, readable by its owner only."""
    temporary = folder / "broker.json.new"
    temporary.write_text(json.dumps(asdict(running), indent=2) + "\n")
    temporary.chmod(0o600)
    temporary.replace(folder / "broker.json")


def read(folder: Path) -> RunningBroker | None:
    """The broker that runs in `folder`, or None if the pid file's process has ended or is another program."""
    try:
        running = RunningBroker(**json.loads((folder / "broker.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return running if find(folder, running) else None


def find(folder: Path, running: RunningBroker) -> psutil.Process | None:
    """The process of the pid file, if it is ours and alive."""
    process = alive(running)
    with contextlib.suppress(psutil.Error, OSError):
        if process and marker(folder) in process.cmdline():
            return process
    return None


def alive(running: RunningBroker) -> psutil.Process | None:
    """The process with this id and start time, whatever it runs: a new one may have no command line for a moment."""
    with contextlib.suppress(psutil.Error, OSError):
        process = psutil.Process(running.pid)
        same_start = abs(process.create_time() - running.started) <= _CLOCK_TOLERANCE_S
        if same_start and process.status() != psutil.STATUS_ZOMBIE:
            return process
    return None


def stop(folder: Path, grace_s: float = 15.0) -> bool:
    """Stops the broker of `folder`: SIGTERM, then SIGKILL after `grace_s`. Returns False if none was running."""
    running = read(folder)
    process = running and find(folder, running)
    if not process:
        forget(folder)
        return False
    with contextlib.suppress(psutil.NoSuchProcess):
        process.terminate()
        try:
            process.wait(grace_s)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(grace_s)
    forget(folder)
    return True


def kill(folder: Path) -> bool:
    """Kills the broker of `folder` by SIGKILL. Returns False if none was running."""
    running = read(folder)
    process = running and find(folder, running)
    if process:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
            process.wait()
    forget(folder)
    return bool(process)


@contextlib.contextmanager
def starting(folder: Path) -> Iterator[None]:
    """A lock: one process at a time starts the broker of `folder`; the others wait, and then find it running."""
    with (folder / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def forget(folder: Path) -> None:
    """Removes the pid file."""
    (folder / "broker.json").unlink(missing_ok=True)


def started(pid: int) -> float:
    """Start time of process `pid` in epoch seconds; 0 if it has ended already."""
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return 0.0
