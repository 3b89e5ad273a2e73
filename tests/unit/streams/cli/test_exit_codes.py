"""The exit codes: a closed set, documented as it is, and each one reached by a command."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from support.paths import ROOT

from liveprofile.errors import LiveprofileError
from liveprofile.models.errors import ModelError
from liveprofile.streams.cli import main as root
from liveprofile.streams.errors import ExitCode, NoKafkaError, NoProfileError, SetupError, UserError, exit_code_table
from liveprofile.streams.runtime.fence import FencedError

NUMBER = re.compile(r"(?:_exit|sys\.exit|\.exit)\(\s*[1-9]")


def test_the_documentation_has_the_table() -> None:
    assert exit_code_table() in (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "error, code",
    [
        (UserError("a", "b"), ExitCode.USAGE),
        (SetupError("a", "b"), ExitCode.WRONG),
        (ModelError("a", "b"), ExitCode.WRONG),
        (NoKafkaError("a", "b"), ExitCode.NO_KAFKA),
        (NoProfileError("a", "b"), ExitCode.NOT_FOUND),
        (FencedError("a"), ExitCode.FAILED),
        (KeyError("a"), ExitCode.FAILED),
        (click.Abort(), ExitCode.INTERRUPTED),
        (click.UsageError("a"), ExitCode.USAGE),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_ends_a_command_with_its_code(
    error: Exception, code: ExitCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise error

    command = click.Command("fail", callback=fail)
    monkeypatch.setattr(root.Root, "get_command", lambda self, context, name: command)
    done = CliRunner().invoke(root.main, ["fail"])
    assert done.exit_code == code
    assert "Traceback" not in done.output


def test_what_works_ends_with_nothing() -> None:
    assert CliRunner().invoke(root.main, ["help"]).exit_code == ExitCode.OK


def every_user_error() -> Iterator[type[UserError]]:
    """All classes of errors that a person can put right, with those of rooms that were imported."""
    waiting: list[type[LiveprofileError]] = [UserError]
    while waiting:
        found = waiting.pop()
        waiting += found.__subclasses__()
        if issubclass(found, UserError):
            yield found


def test_every_error_that_a_person_can_put_right_has_a_code_of_the_set() -> None:
    assert all(isinstance(found.exit_code, ExitCode) for found in every_user_error())


def test_no_command_has_a_number_of_its_own() -> None:
    sources = [path for path in (ROOT / "streams").rglob("*.py") if path.name != "guard.py"]
    assert {str(path) for path in sources if NUMBER.search(path.read_text(encoding="utf-8"))} == {
        str(ROOT / "streams" / "runtime" / "worker.py"),  # the second signal: at once, without a word
        str(ROOT / "streams" / "cli" / "demo" / "children.py"),  # a child whose parent has gone
    }


def test_a_command_that_only_reads_ends_by_sigterm_as_a_shell_says_it(tmp_path: Path) -> None:
    code = "import os,signal; os.kill(os.getpid(), signal.SIGTERM)"
    done = subprocess.run([sys.executable, "-c", code], check=False, cwd=tmp_path, env=dict(os.environ))
    assert 128 - done.returncode == ExitCode.TERMINATED == 128 + signal.SIGTERM
