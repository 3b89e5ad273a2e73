"""A real worker process, running its command, killed and stopped by its process id."""

import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

from support.texts import keep_texts, lend_texts
from support.warm import Forked, start_warm

READY_S = 90.0


@dataclass
class Workers:
    """Starts workers of one application; whatever still runs at the end is killed."""

    environment: dict[str, str]
    folder: Path
    running: list[Forked] = field(default_factory=list)

    def start(self, stages: str = "ingest,profile,learn") -> Forked:
        """A worker that has loaded its partitions. AssertionError with its log if it does not get there."""
        number = len(self.running)
        lend_texts(self._data)
        ready, log = self.folder / f"ready-{number}", self.folder / f"worker-{number}.log"
        arguments = ("worker", "--stages", stages, "--ready-file", str(ready))
        process = start_warm("liveprofile", arguments, self.environment, log)
        self.running.append(process)
        deadline = time.monotonic() + READY_S
        while not ready.exists():
            assert process.poll() is None, f"the worker ended with {process.returncode}:\n{log.read_text()[-3000:]}"
            assert time.monotonic() < deadline, f"the worker is not ready:\n{log.read_text()[-3000:]}"
            time.sleep(0.05)
        return process

    def kill(self, process: Forked) -> None:
        """SIGKILL: no last words."""
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop(self, process: Forked) -> None:
        """SIGTERM; the worker must settle and exit with 0."""
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0

    def kill_all(self) -> None:
        """End what is left."""
        for process in self.running:
            if process.poll() is None:
                self.kill(process)
        keep_texts(self._data)

    @property
    def _data(self) -> Path:
        return Path(self.environment["LIVEPROFILE_DATA_DIR"])
