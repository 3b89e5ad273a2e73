"""Real worker processes, by their command: started, killed, paused, restarted by a supervisor; all by process id."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from liveprofile.streams.cli.demo.children import Child, Children
from tests.support.warm import start_warm

STAGES = "ingest,profile,learn,items"
READY_S = 120.0
RESTART_AFTER_S = 0.2
SETTLE_S = 30.0
"""A worker told to stop must have settled and ended by then."""


@dataclass
class Worker:
    """One place for a worker: its process now, and those before it."""

    name: str
    child: Child
    ready_file: Path
    supervised: bool
    arguments: Sequence[str]
    environment: Mapping[str, str]
    module: str
    exits: list[int] = field(default_factory=list)
    """Exit codes of its processes so far; negative after a signal."""

    @property
    def runs(self) -> bool:
        """Whether its process is there."""
        return self.child.exit_code() is None

    @property
    def ready(self) -> bool:
        """Whether it says that its partitions are loaded."""
        return self.runs and self.ready_file.exists()

    @property
    def pid(self) -> int:
        """The process id now."""
        return self.child.process.pid

    def kill(self) -> None:
        """SIGKILL: no last words."""
        self.child.process.send_signal(signal.SIGKILL)
        self.child.process.wait()

    def pause(self) -> None:
        """SIGSTOP: it stands still, and its connections stay open."""
        self.child.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self.child.process.send_signal(signal.SIGCONT)


class Workers:
    """The workers of one shop; a supervisor starts those again that end, as systemd or Kubernetes would."""

    def __init__(self, folder: Path, environment: Mapping[str, str], *, warm: bool = False) -> None:
        """With `warm`, processes are forks of one that has imported everything, and are there in a moment."""
        self.environment = dict(environment)
        self._warm = warm
        self.alive: list[Worker] = []
        self.started: list[Child] = []
        """Every process there was."""
        self.ended: list[int] = []
        """Exit codes of processes that ended by themselves."""
        self._folder = folder
        self._children = Children(folder / "logs")
        self._supervisor: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to supervise."""
        self._children.__enter__()
        self._supervisor = asyncio.create_task(self._supervise())

    async def close(self) -> None:
        """End the supervisor, then whatever still runs."""
        if self._supervisor is not None:
            self._supervisor.cancel()
        for child in self._children.alive:
            if child.exit_code() is None:
                child.process.kill()
                child.process.wait()
        self._children.alive.clear()

    def launch(
        self,
        stages: str = STAGES,
        *,
        supervised: bool = True,
        module: str = "liveprofile",
        environment: Mapping[str, str] | None = None,
        more: Sequence[str] = (),
    ) -> Worker:
        """Start a worker and don't wait. `module` may be an entry of the tests that patches, then runs the command.

        `more` are further options of the command.
        """
        name = f"worker-{len(self.started)}"
        ready = self._folder / f"{name}.ready"
        arguments = ("worker", "--stages", stages, "--ready-file", str(ready), *more)
        extra = dict(environment or {})
        child = self._start(name, arguments, extra, module)
        worker = Worker(name, child, ready, supervised, arguments, extra, module)
        self.alive.append(worker)
        return worker

    def run(self, name: str, *arguments: str) -> Child:
        """Start another command of the application; nobody restarts it."""
        return self._start(name, arguments, {}, "liveprofile")

    async def start(self, stages: str = STAGES, **options: object) -> Worker:
        """Start a worker and wait until it is ready. AssertionError with its log if it does not get there."""
        worker = self.launch(stages, **options)  # type: ignore[arg-type]
        await self.until_ready(worker)
        return worker

    async def until_ready(self, worker: Worker, within_s: float = READY_S) -> None:
        """Wait until a worker's partitions are loaded."""
        deadline = asyncio.get_running_loop().time() + within_s
        while not worker.ready:
            ended = not worker.supervised and not worker.runs
            late = asyncio.get_running_loop().time() > deadline
            if ended or late:
                raise AssertionError(f"{worker.name} is not ready:\n{worker.child.end_of_log(40)}")
            await asyncio.sleep(0.05)

    async def stop(self, worker: Worker) -> float:
        """SIGTERM; returns the seconds until it ended. AssertionError unless it settled in time and exited with 0."""
        worker.supervised = False
        self.alive.remove(worker)
        began = asyncio.get_running_loop().time()
        if worker.runs:
            worker.child.process.send_signal(signal.SIGTERM)
            try:
                code = await asyncio.to_thread(worker.child.process.wait, SETTLE_S)
            except Exception:
                raise AssertionError(f"{worker.name} did not settle:\n{worker.child.end_of_log(40)}") from None
            assert code == 0, f"{worker.name} ended with {code}:\n{worker.child.end_of_log(40)}"
        return asyncio.get_running_loop().time() - began

    async def stop_all(self) -> None:
        """Stop all that are left, one after the other."""
        for worker in list(self.alive):
            await self.stop(worker)

    def remove(self, worker: Worker) -> None:
        """Kill a worker for good."""
        worker.supervised = False
        self.alive.remove(worker)
        worker.kill()

    def logs(self) -> list[Path]:
        """Everything that workers wrote."""
        return sorted((self._folder / "logs").glob("worker-*.log"))

    def _start(self, name: str, arguments: Sequence[str], extra: Mapping[str, str], module: str) -> Child:
        if self._warm and "PYTHONPATH" not in extra:
            log = self._folder / "logs" / f"{name}.log"
            child = Child(name, log, start_warm(module, arguments, self.environment | extra, log))
            self._children.alive.append(child)
        else:
            root = str(Path(__file__).resolve().parents[2])
            paths = {"PYTHONPATH": ":".join(part for part in (extra.get("PYTHONPATH"), root) if part)}
            child = self._children.start(name, arguments, self.environment | extra | paths, module=module)
        self.started.append(child)
        return child

    async def _supervise(self) -> None:
        while True:
            await asyncio.sleep(RESTART_AFTER_S)
            for worker in self.alive:
                if worker.supervised and (code := worker.child.exit_code()) is not None:
                    self.restart(worker, code)

    def restart(self, worker: Worker, code: int) -> None:
        """Start a worker that ended again, in a process and a log of its own."""
        worker.exits.append(code)
        self.ended.append(code)
        worker.ready_file.unlink(missing_ok=True)
        name = f"{worker.name}-{len(worker.exits)}"
        worker.child = self._start(name, worker.arguments, worker.environment, worker.module)
