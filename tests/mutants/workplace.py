"""A copy of the repository in which modules are broken and tests run; the repository itself is never touched."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
COPIED = (
    "liveprofile",
    "models",
    "profiles",
    "streams",
    "tests",
    "pyproject.toml",
    "README.md",
    "CHANGELOG.md",
    "docs",
)
KEPT_CACHES = "numba"
NO_TESTS = 5
"""Exit code of pytest where it found none."""


class Workplace:
    """The copy, in a folder of its own."""

    def __init__(self, folder: Path, tool: Path) -> None:
        """`tool` is the Python of the environment that has cosmic-ray."""
        self.folder = folder / "repository"
        self._tool = tool
        self._caches = folder / KEPT_CACHES
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                unneeded = shutil.ignore_patterns("__pycache__", "golden")
                shutil.copytree(source, self.folder / name, symlinks=True, ignore=unneeded)
            else:
                shutil.copy(source, self.folder / name)
        (self.folder / "tests" / "upgrade" / "golden").symlink_to(ROOT / "tests" / "upgrade" / "golden")

    def mutations(self, modules: Sequence[str]) -> list[dict[str, Any]]:
        """All mutations of the modules, in their order."""
        return [json.loads(line) for line in self._ask("list", *modules).splitlines()]

    @contextmanager
    def broken(self, mutation: Mapping[str, Any]) -> Iterator[str]:
        """Within it, the module is broken; gives the difference."""
        path = self.folder / mutation["module"]
        before = path.read_bytes()
        try:
            yield self._ask("apply", given=json.dumps(mutation))
        finally:
            path.write_bytes(before)

    def tested(self, tests: Sequence[str], limit_s: float) -> tuple[int | None, float]:
        """The exit code of these tests, None where they did not end in time; and the seconds they took."""
        environment = os.environ | {
            "PYTHONPATH": str(self.folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            "NUMBA_CACHE_DIR": str(self._caches),
        }
        options = ("-q", "-x", "-p", "no:cacheprovider", "--timeout", str(max(60, round(limit_s))))
        command = [sys.executable, "-m", "pytest", *options, *tests]
        began = time.monotonic()
        process = subprocess.Popen(
            command,
            cwd=self.folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return process.wait(limit_s), time.monotonic() - began
        except subprocess.TimeoutExpired:
            return None, time.monotonic() - began
        finally:
            _end(process)

    def _ask(self, what: str, *modules: str, given: str = "") -> str:
        command = [self._tool, ROOT / "tests" / "mutants" / "mutations.py", what, self.folder, *modules]
        done = subprocess.run(list(map(str, command)), input=given, capture_output=True, text=True, check=True)
        return done.stdout


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the tests and what they have started."""
    if process.poll() is None:
        os.killpg(process.pid, 9)
        process.wait()
