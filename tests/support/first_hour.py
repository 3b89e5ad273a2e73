"""Records the first hour at 80 columns into docs/first-hour.txt: `python -m tests.support.first_hour`.

Each command runs as the tutorial has it, in a terminal of its own, against a broker and a worker in a temporary folder.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TO = ROOT / "docs" / "first-hour.txt"
ROWS, COLUMNS = 40, 80
READY_S = 120.0
FIX = 'sed -e \'s/"titel"/"title"/\' -e \'s/"wishlist"/"favourite"/\' -e \'/"guest"/d\' own.jsonl > mine.jsonl'
COMMANDS = (
    "liveprofile broker start --port 0",
    "liveprofile topics create",
    "liveprofile worker > worker.log 2>&1 &",
    "liveprofile check own.jsonl --profiles 0",
    FIX,
    "liveprofile replay mine.jsonl --format jsonl",
    "liveprofile show --user c-311",
    "liveprofile explain --user c-311 interests.session",
    "liveprofile watch changes --from start --limit 3 --no-follow",
    "liveprofile show --user c-999",
    "liveprofile broker stop",
)
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\].*?\x07|\r(?!\n)")


def own_events() -> str:
    """The events of the tutorial."""
    page = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    section = page.partition("## 7. Ten events of your own shop")[2]
    return section.partition("```text\n")[2].partition("```")[0]


def run(line: str, folder: Path, environment: dict[str, str]) -> str:
    """What a command line prints on a terminal, without colours."""
    here, there = pty.openpty()
    fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    process = subprocess.Popen(
        ["bash", "-c", line], cwd=folder, env=environment, stdin=there, stdout=there, stderr=there
    )
    os.close(there)
    printed = b""
    with suppress(OSError):  # the end of a terminal
        while part := os.read(here, 65_536):
            printed += part
    os.close(here)
    process.wait()
    return _ESCAPES.sub("", printed.decode("utf-8", "replace")).replace("\r\n", "\n")


def record() -> str:
    """The whole session."""
    said: list[str] = []
    with tempfile.TemporaryDirectory(prefix="first-hour-") as name:
        folder = Path(name)
        (folder / "own.jsonl").write_text(own_events(), encoding="utf-8")
        scripts = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("LIVEPROFILE_")},
            "PATH": scripts,
            "PYTHONPATH": str(ROOT),
            "NO_COLOR": "1",
            "TERM": "dumb",
            "LIVEPROFILE_MODEL_DIR": str(ROOT / ".liveprofile" / "model"),
        }
        worker: subprocess.Popen[bytes] | None = None
        try:
            for line in COMMANDS:
                if line.endswith("&"):
                    with (folder / "worker.log").open("wb") as log:
                        worker = subprocess.Popen(
                            ["liveprofile", "worker"], cwd=folder, env=environment, stdout=log, stderr=log
                        )
                    _wait_for(folder / "worker.log")
                    said.append(f"$ {line}\n")
                    continue
                if line.startswith("liveprofile broker stop") and worker is not None:
                    worker.terminate()
                    worker.wait()
                said.append(f"$ {line}\n{run(line, folder, environment)}")
                if "replay" in line:
                    time.sleep(5)
        finally:
            if worker is not None and worker.poll() is None:
                worker.kill()
            run("liveprofile broker stop", folder, environment)
    return "\n".join(said).replace(name, "~/shop")


def _wait_for(log: Path) -> None:
    deadline = time.monotonic() + READY_S
    while b"worker ready" not in log.read_bytes():
        if time.monotonic() > deadline:
            raise TimeoutError(f"the worker is not ready after {READY_S:.0f} s: {log.read_text()[-2000:]}")
        time.sleep(0.5)


if __name__ == "__main__":
    TO.write_text(record(), encoding="utf-8")
    print(TO)
