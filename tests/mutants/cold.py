"""Tries mutants of what is run by an import: each in a fork that imports and collects by itself.

The heavy packages are in memory before, the project's own modules are not. Requests and answers are those of `hot`; the
module is broken on disk by whoever asks.
"""

import importlib
import json
import os
from collections.abc import Mapping
from typing import Any

import pytest

from tests.mutants.forks import answered

HEAVY = ("numpy", "numba", "msgspec", "orjson", "structlog", "hypothesis", "faust", "aiokafka", "scipy", "rich")
PASSED = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


class Chosen:
    """Keeps the chosen tests of the files, in the given order, and notes the first failure."""

    def __init__(self, tests: list[str]) -> None:
        self._place = {test: at for at, test in enumerate(tests)}
        self.failed = ""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """A mutant may change the names of tests; those are left out."""
        if any("::" in test for test in self._place):  # and not whole files
            kept = [item for item in items if item.nodeid in self._place]
            items[:] = sorted(kept, key=lambda item: self._place[item.nodeid])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note it."""
        if report.failed and not self.failed:
            self.failed = report.nodeid


def tried(asked: Mapping[str, Any]) -> str:
    """In the fork: run the tests."""
    chosen = Chosen(asked["tests"])
    files = list(dict.fromkeys(test.partition("::")[0] for test in asked["tests"]))
    code = pytest.main([*asked["options"], "-x", *files], plugins=[chosen])
    return chosen.failed or ("" if code in PASSED else "the import")


def main() -> None:
    """Answer requests until there are no more."""
    reading, writing = map(int, os.environ["MUTANTS_FDS"].split(","))
    for package in HEAVY:
        importlib.import_module(package)
    with os.fdopen(reading) as requests, os.fdopen(writing, "w") as answers:
        print(json.dumps(len(HEAVY)), file=answers, flush=True)
        for line in requests:
            asked = json.loads(line)
            by = answered(lambda asked=asked: tried(asked), asked["wall_s"], asked["cpu_s"])
            print(json.dumps({"by": by}), file=answers, flush=True)


if __name__ == "__main__":
    main()
