"""Which process is our broker: a pid file that is believed only when start time and command line agree with it."""

import contextlib
import fcntl
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

_CLOCK_TOLERANCE_S = 2.0
"""psutil derives a start time from the boot time, which moves a little when the clock is corrected."""


@dataclass(frozen=True, slots=True)
class RunningBroker:
    """The content of broker.json: process id, its start (epoch seconds), ports, and the cluster's id."""

    pid: int
    started: float
    port: int
    controller_port: int
    cluster_id: str
    kafka_version: str
    node_id: int = 1

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"


def marker(folder: Path) -> str:
    """The argument by which the broker of `folder` is known among all processes."""
    return f"-Dliveprofile.broker={folder}"


def write(folder: Path, running: RunningBroker) -> None:
    """Writes the pid file in one step, readable by its owner only."""
    temporary = folder / "broker.json.new"
    temporary.write_text(json.dumps(asdict(running), indent=2) + "\n")
    temporary.chmod(0o600)
    temporary.replace(folder / "broker.json")


def read(folder: Path) -> RunningBroker | None:
    """The broker that runs in `folder`, or None: a pid file whose process is gone or another one is not believed."""
    try:
        running = RunningBroker(**json.loads((folder / "broker.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return running if find(folder, running) else None


def find(folder: Path, running: RunningBroker) -> psutil.Process | None:
    """The process that the pid file names, if it really is ours and alive."""
    process = alive(running)
    with contextlib.suppress(psutil.Error, OSError):
        if process and marker(folder) in process.cmdline():
            return process
    return None


def alive(running: RunningBroker) -> psutil.Process | None:
    """The process with this id and start, whatever it runs: a new one may show no command line for a moment."""
    with contextlib.suppress(psutil.Error, OSError):
        process = psutil.Process(running.pid)
        same_start = abs(process.create_time() - running.started) <= _CLOCK_TOLERANCE_S
        if same_start and process.status() != psutil.STATUS_ZOMBIE:
            return process
    return None


def stop(folder: Path, grace_s: float = 15.0) -> bool:
    """Ends the broker of `folder`: SIGTERM, then SIGKILL after `grace_s`. Gives False when none was running."""
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
    """Ends the broker of `folder` at once, by SIGKILL. Gives False when none was running."""
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
    """Lets one process at a time start the broker of `folder`; the others wait, and then find it running."""
    with (folder / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def forget(folder: Path) -> None:
    """Removes the pid file."""
    (folder / "broker.json").unlink(missing_ok=True)


def started(pid: int) -> float:
    """When process `pid` started, in epoch seconds; 0 when it is gone already."""
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return 0.0
