"""Forks of workers behave like processes that were started by their command."""

import signal
import subprocess
from pathlib import Path

import pytest
from support.warm import Forked, start_warm

PRINTS = "import sys, os; print('liveprofile.streams.stages.wiring' in sys.modules, os.environ['ASKED'])"


def timeit(statement: str, log: Path) -> Forked:
    """A fork that runs a statement once, as `python -m timeit` does."""
    return start_warm("timeit", ["-n1", "-r1", statement], {"ASKED": "yes"}, log)


def test_a_fork_has_imported_what_a_worker_needs_and_has_its_own_environment(tmp_path: Path) -> None:
    """Where the imports fail, multiprocessing says nothing, and every worker starts as slowly as by its command."""
    assert timeit(PRINTS, tmp_path / "log").wait(60) == 0
    assert (tmp_path / "log").read_text().startswith("True yes\n")


def test_a_fork_ends_with_the_exit_code_of_its_program(tmp_path: Path) -> None:
    fork = start_warm("liveprofile", ["no-command"], {}, tmp_path / "log")
    assert fork.wait(60) == 2
    assert "no-command" in (tmp_path / "log").read_text()


def test_a_killed_fork_ends_with_its_signal(tmp_path: Path) -> None:
    fork = timeit("import time; time.sleep(600)", tmp_path / "log")
    with pytest.raises(subprocess.TimeoutExpired):
        fork.wait(0.05)
    fork.kill()
    assert fork.wait(60) == fork.returncode == -signal.SIGKILL
