"""A copy of the repository in which modules are broken and tests run; the repository itself is never touched."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.mutants.readers import sources
from tests.mutants.servers import Server

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
    "benchmarks",
    "examples",
    "Makefile",
    "requirements.lock",
    ".liveprofile/model",
)
MEASURED = (
    "tests/unit/streams/runtime",
    "tests/unit/streams/transport",
    "tests/unit/profiles",
    "tests/unit/streams/stages/ingest",
    "tests/unit/streams/stages/profile",
    "tests/unit/streams/render",
    "tests/contract/test_private_hooks.py",
    "tests/upgrade/test_layouts.py",
    "tests/unit/streams/settings/test_settings.py",
    "tests/unit/test_doctests.py",
    "tests/mutants/test_plain_net.py",
    "tests/properties",
)
"""Tests that mutants are tried on: those of the rooms, and what is near to them and needs no broker."""
LIMIT_S = 10
"""Of one test while it is measured: plain Python is slow, and what takes longer is no test for mutants."""
LATER_S = 1_000
"""A broken module seems as much newer, so that its bytecode is not taken from the cache."""
QUIET = ("-q", "-W", "ignore", "-p", "no:cacheprovider", "--tb=no", "--basetemp", "build/tests")
PLAIN = (*QUIET, "-p", "tests.mutants.plain")
UNWRITTEN = {"PYTHONDONTWRITEBYTECODE": "1"}
"""Nor is it kept."""


class Workplace:
    """The copy, in a folder of its own."""

    def __init__(self, folder: Path, tool: Path) -> None:
        """`tool` is the Python of the environment that has cosmic-ray."""
        self.folder = folder / "repository"
        self._tool = tool.absolute()  # not resolved: the environment is beside the link
        self._folder = folder
        self._hot: Server | None = None
        self._cold: dict[bool, Server] = {}
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "build").mkdir(parents=True)
        for name in COPIED:
            source = ROOT / name
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                unneeded = shutil.ignore_patterns("__pycache__", "golden")
                shutil.copytree(source, self.folder / name, symlinks=True, ignore=unneeded)
            else:
                shutil.copy(source, self.folder / name)
        (self.folder / "tests" / "upgrade" / "golden").symlink_to(ROOT / "tests" / "upgrade" / "golden")

    def mutations(self, modules: Sequence[str]) -> list[dict[str, Any]]:
        """All mutations of the modules, in their order."""
        file = self._folder / f"mutations-{self._digest()}.jsonl"
        if not file.exists():
            file.write_text(self._ask("list", *modules))
        return [json.loads(line) for line in file.read_text().splitlines()]

    def changed(self, mutations: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The mutations with the changed text of the module, and the difference."""
        made = self._ask("make", given="".join(json.dumps(one) + "\n" for one in mutations))
        return [{**one, **json.loads(line)} for one, line in zip(mutations, made.splitlines(), strict=True)]

    def reach(self, *, measure: bool) -> list[dict[str, Any]]:
        """Which lines each test reaches: measured once for each state of the sources, and for new tests."""
        file = self._folder / f"reach-{self._digest()}.jsonl"
        if measure:
            self._measure(file)
        return [json.loads(line) for line in file.read_text().splitlines()]

    def _measure(self, file: Path) -> None:
        packages = self._tool.parent.parent / "lib"
        links = self._folder / "packages"
        links.mkdir(exist_ok=True)
        (links / "coverage").unlink(missing_ok=True)
        (links / "coverage").symlink_to(next(packages.glob("python*/site-packages/coverage")))
        options = (*PLAIN, "-p", "tests.mutants.reach", "--timeout", str(LIMIT_S))
        command = [sys.executable, "-m", "pytest", *options]
        environment = self._environment(links) | {"REACH_FILE": str(file)}
        subprocess.run([*command, *MEASURED], cwd=self.folder, env=environment, stdout=subprocess.DEVNULL)

    def hot(self, mutation: Mapping[str, Any], tests: Sequence[str], limit_s: float) -> str:
        """The test that failed with the function replaced, or what ended the run; empty where all passed."""
        if self._hot is None:
            options = (*PLAIN, "-p", "tests.mutants.hot", "--timeout", str(4 * LIMIT_S))
            self._hot = Server(["pytest", *options, *MEASURED], self.folder, self._environment())
        return self._hot.asked(_wanted(mutation, tests, limit_s))

    def cold(self, mutation: Mapping[str, Any], tests: Sequence[str], limit_s: float, *, plain: bool) -> str:
        """The same with the module broken on disk, and imported by a new process."""
        if plain not in self._cold:
            environment = self._environment() | UNWRITTEN | {"NUMBA_DISABLE_JIT": str(int(plain))}
            self._cold[plain] = Server(["tests.mutants.cold"], self.folder, environment)
        options = PLAIN if plain else QUIET
        with self._broken(mutation):
            return self._cold[plain].asked(_wanted(mutation, tests, limit_s) | {"options": options})

    @contextmanager
    def _broken(self, mutation: Mapping[str, Any]) -> Iterator[None]:
        path = self.folder / mutation["module"]
        before, times = path.read_bytes(), path.stat()
        try:
            path.write_bytes(mutation["text"].encode() or before)
            os.utime(path, (times.st_atime, times.st_mtime + LATER_S))
            yield
        finally:
            path.write_bytes(before)
            os.utime(path, (times.st_atime, times.st_mtime))

    def _environment(self, *more: Path) -> dict[str, str]:
        path = os.pathsep.join(map(str, (self.folder, *more)))
        return (
            os.environ
            | {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"}
            | {
                "NUMBA_DISABLE_JIT": "1",
                "MUTANTS_NET": str(self._folder.resolve()),
            }
        )

    def _digest(self) -> str:
        """Of all modules that tests may reach."""
        digest = hashlib.sha256()
        for name, text in sources(self.folder, ("models", "profiles", "streams")).items():
            digest.update(f"{name}\n{text}".encode())
        return digest.hexdigest()[:12]

    def _ask(self, what: str, *modules: str, given: str = "") -> str:
        command = [self._tool, ROOT / "tests" / "mutants" / "mutations.py", what, self.folder, *modules]
        done = subprocess.run(list(map(str, command)), input=given, capture_output=True, text=True, check=True)
        return done.stdout


def _wanted(mutation: Mapping[str, Any], tests: Sequence[str], limit_s: float) -> dict[str, Any]:
    module = {name: mutation[name] for name in ("module", "text")}
    return {**module, "tests": list(tests), "wall_s": 4 * limit_s, "cpu_s": limit_s}
