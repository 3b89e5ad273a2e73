"""A step that cannot be undone is asked for where somebody can answer, and refused where nobody can."""

import click
import pytest

from liveprofile.streams.cli.confirm import confirm
from liveprofile.streams.errors import UserError


class _Terminal:
    """A standard input with somebody before it."""

    def __init__(self, answer: str) -> None:
        self._answer = answer

    def isatty(self) -> bool:
        return True

    def readline(self, *_: int) -> str:
        return f"{self._answer}\n"


def test_nobody_is_asked_who_has_said_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    confirm("Delete it", yes=True)


def test_no_ends_the_command_and_yes_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", _Terminal("y"))
    confirm("Delete it", yes=False)
    monkeypatch.setattr("sys.stdin", _Terminal("n"))
    with pytest.raises(click.Abort):
        confirm("Delete it", yes=False)


def test_without_a_terminal_the_next_step_names_the_option(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/null", encoding="utf-8") as nothing, pytest.raises(UserError, match="--yes") as refused:  # noqa: PTH123 - what a script has
        monkeypatch.setattr("sys.stdin", nothing)
        confirm("Delete it", yes=False)
    assert refused.value.exit_code == 2
