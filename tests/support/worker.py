"""A real worker process, running its command, killed and stopped by its process id."""

import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

from liveprofile.streams.contract.topics import Topics
from support.texts import keep_texts, lend_texts
from support.warm import Forked, start_warm

READY_S = 90.0


def environment_of(bootstrap: str, topics: Topics, model_folder: Path, folder: Path, **more: str) -> dict[str, str]:
    """The settings of an application's processes, with short sessions; `more` are further variables without prefix."""
    variables = {
        "APP_ID": topics.app_id,
        "BOOTSTRAP": bootstrap,
        "TOPIC_PREFIX": topics.prefix,
        "PARTITIONS": str(topics.partitions),
        "DATA_DIR": str(folder),
        "MODEL_DIR": str(model_folder),
        "PSEUDONYM_KEY": "a key for tests only",
        "WORKER__SESSION_TIMEOUT_S": "6",
        "WORKER__HEARTBEAT_S": "1",
    }
    return {f"LIVEPROFILE_{name}": value for name, value in (variables | more).items()}


@dataclass
class Workers:
    """Starts workers of one application; whatever still runs at the end is killed."""

    environment: dict[str, str]
    folder: Path
    running: list[Forked] = field(default_factory=list)

    def start(self, stages: str = "ingest,profile,learn", module: str = "liveprofile", **more: str) -> Forked:
        """A worker that has loaded its partitions. AssertionError with its log if it does not get there.

        `module` may be an entry of the tests that patches, then runs the command; `more` are further variables.
        """
        lend_texts(self._data)
        ready = self.folder / f"ready-{len(self.running)}"
        process = self.launch("worker", "--stages", stages, "--ready-file", str(ready), module=module, **more)
        log = self.log()
        deadline = time.monotonic() + READY_S
        while not ready.exists():
            assert process.poll() is None, f"the worker ended with {process.returncode}:\n{log.read_text()[-3000:]}"
            assert time.monotonic() < deadline, f"the worker is not ready:\n{log.read_text()[-3000:]}"
            time.sleep(0.05)
        return process

    def launch(self, *arguments: str, module: str = "liveprofile", **more: str) -> Forked:
        """A process of the command line, which is not waited for."""
        log = self.folder / f"worker-{len(self.running)}.log"
        self.running.append(start_warm(module, arguments, self.environment | more, log))
        return self.running[-1]

    def log(self) -> Path:
        """What the process that was started last has said."""
        return self.folder / f"worker-{len(self.running) - 1}.log"

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
