"""A plugin of pytest: writes down which lines each test reaches, and how long it takes, one JSON line a test. The line
of no test has what the import of the modules reaches.

REACH_FILE is the file; tests that are in it are left out, so that a run that was ended goes on where it stopped.
"""

import json
import os
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [str(ROOT / name) for name in ("profiles", "streams")]


class Reach:
    """Measures one test after the other."""

    def __init__(self, file: Path) -> None:
        import coverage

        self._file = file
        self._coverage = coverage.Coverage(data_file=None, config_file=False, source=FOLDERS, messages=False)
        self._passed = False
        self._began = time.monotonic()
        self._coverage.start()

    def pytest_collection_finish(self) -> None:
        """What the import of all modules reaches; the measure of a test begins after it."""
        self._coverage.stop()
        self._write("", time.monotonic() - self._began)
        self._coverage.erase()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Measure all of a test, the set-up too."""
        self._passed, began = True, time.monotonic()
        self._coverage.start()
        try:
            return (yield)
        finally:
            self._coverage.stop()
            self._write(item.nodeid, time.monotonic() - began)
            self._coverage.erase()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what did not pass; what is skipped says nothing of a mutant."""
        self._passed = self._passed and report.outcome == "passed"

    def _write(self, test: str, seconds: float) -> None:
        data = self._coverage.get_data()
        lines = {file: sorted(data.lines(file) or ()) for file in data.measured_files()}
        reached = {str(Path(file).relative_to(ROOT)): found for file, found in lines.items() if found}
        found = {"test": test, "passed": self._passed, "seconds": round(seconds, 3), "lines": reached}
        with self._file.open("a") as file:
            file.write(json.dumps(found) + "\n")


def pytest_configure(config: pytest.Config) -> None:
    """Begin, before the modules are imported."""
    config.pluginmanager.register(Reach(Path(os.environ["REACH_FILE"])), "reach of tests")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is known."""
    file = Path(os.environ["REACH_FILE"])
    known = {json.loads(line)["test"] for line in file.read_text().splitlines()} if file.exists() else set()
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in known])
    items[:] = [item for item in items if item.nodeid not in known]
