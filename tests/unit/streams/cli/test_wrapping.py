"""Messages wrap at words under their text on a terminal, and not at all in a pipe."""

import io
import json

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from liveprofile.streams.cli.context import Context
from liveprofile.streams.cli.help_format import narrow
from liveprofile.streams.cli.main import main
from liveprofile.streams.cli.wrapping import hanging, hanging_lines

WORDS = st.lists(st.text("abcdefgh-", min_size=1, max_size=12), min_size=1, max_size=40).map(" ".join)


@given(text=WORDS, width=st.integers(40, 120), indent=st.integers(0, 12))
def test_wrapped_text_keeps_its_words_whole_and_fits(text: str, width: int, indent: int) -> None:
    lines = hanging(text, indent, width).splitlines()
    assert " ".join(lines).split() == text.split()
    assert all(len(line) <= width for line in lines)
    assert all(line.startswith(" " * indent) for line in lines[1:])


@given(text=WORDS)
def test_in_a_pipe_nothing_is_wrapped(text: str) -> None:
    assert hanging(text, 7, None) == text


@given(text=WORDS, width=st.integers(70, 120))
def test_a_record_wraps_beside_its_columns(text: str, width: int) -> None:
    console = Console(width=width, file=io.StringIO())
    line = Text(f"{'12:00:00':10}{'3f2a91c0':10}{'v1':8}").append(text)
    found = [part.plain for part in hanging_lines(line, 28, console)]
    assert all(len(part) <= width for part in found)
    assert all(part.startswith(" " * 28) for part in found[1:])
    assert "".join(found).split()[3:] == text.split() or " ".join(part[28:] for part in found).split() == text.split()


@given(text=WORDS, width=st.integers(50, 100))
def test_help_that_was_set_by_hand_is_narrowed_at_words(text: str, width: int) -> None:
    found = narrow(f"  name    {text}", width)
    assert all(len(line) <= width for line in found)
    assert " ".join(found).split() == ["name", *text.split()]


def test_an_example_that_is_too_long_goes_on_after_a_backslash() -> None:
    found = narrow("  liveprofile --bootstrap kafka:9092 worker --stages ingest,profile", 40)
    assert found[0].endswith(" \\")
    assert all(len(line) <= 40 for line in found)


def test_settings_in_a_pipe_have_one_line_each_and_no_colour() -> None:
    done = CliRunner().invoke(main, ["settings"])
    every = json.loads(CliRunner().invoke(main, ["settings", "--json"]).output)
    lines = done.output.splitlines()
    assert "\x1b" not in done.output
    for name in ("interests.session.enter_share", "rfm.spend"):
        [line] = [one for one in lines if name in one]
        assert line.rstrip().endswith(every[f"profile.policy.{name}"]["from"])


def test_a_long_line_in_a_pipe_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    Context().write(Text("word " * 100), 28)
    assert len(capsys.readouterr().out.splitlines()) == 1
