"""Forks of workers behave like processes that were started by their command, and begin with texts of earlier ones."""

import signal
import subprocess
from pathlib import Path

import pytest
from support.texts import keep_texts, lend_texts
from support.warm import Forked, start_warm

from liveprofile.models.text_cache import TextCache

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


@pytest.fixture
def nothing_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As at the beginning, whatever tests of workers ran before."""
    monkeypatch.setattr("support.texts._KEPT", tmp_path / "kept.sqlite")


@pytest.mark.usefixtures("nothing_kept")
def test_texts_that_one_worker_embedded_are_known_to_the_next(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    (first / "cache").mkdir(parents=True)
    with TextCache(first / "cache" / "texts.sqlite", "model", key=b"a key of the tests") as cache:
        cache.put_many({f"text {number}": b"vector" for number in range(5_000)})
    keep_texts(first)
    lend_texts(second)
    with TextCache(second / "cache" / "texts.sqlite", "model", key=b"a key of the tests") as cache:
        assert cache.get_many(["text 4999"]) == {"text 4999": b"vector"}


@pytest.mark.usefixtures("nothing_kept")
def test_a_damaged_cache_of_texts_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "texts.sqlite").write_bytes(b"no database" * 1_000)
    keep_texts(tmp_path)
    lend_texts(tmp_path / "next")
    assert not (tmp_path / "next").exists()
