"""Commands that the pages show exist, with every option that they show."""

import re
import shlex
from pathlib import Path

import click
import pytest
from markdown_it import MarkdownIt
from support.paths import ROOT

from liveprofile.streams.cli.main import main

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
MARKDOWN = MarkdownIt("commonmark").enable("table")
COMMAND = re.compile(r"^(?:\.venv/bin/)?liveprofile ")
ONE_OF_SEVERAL = re.compile(r"[\[\]…]")
"""Brackets around what may be left out."""


def commands(page: Path) -> list[str]:
    """Command lines of a page, in fences and in code spans."""
    found = []
    for block in MARKDOWN.parse(page.read_text(encoding="utf-8")):
        if block.type == "fence":
            found += block.content.splitlines()
        found += [token.content for token in block.children or () if token.type == "code_inline"]
    return [line.strip() for line in found if COMMAND.match(line.strip())]


def fault_of(line: str) -> str | None:
    """What is wrong with a command line: a command or an option that does not exist."""
    words = iter(shlex.split(ONE_OF_SEVERAL.sub(" ", line.rstrip("\\")), comments=True)[1:])
    command: click.Command = main
    context = click.Context(main)
    for word in words:
        if word in {"|", ">", "<"}:
            break
        if word.startswith("--"):
            option = _option(command, word)
            if option is None and word != "--help":
                return f"{line}: {command.name} has no {word}"
            if isinstance(option, click.Option) and not option.is_flag:
                next(words, None)
        elif isinstance(command, click.Group):
            inner = [command.get_command(context, one) for one in word.split("|")]
            if not all(inner):
                return f"{line}: {command.name} has no command {word}"
            command = inner[0] or command
    return None


def _option(command: click.Command, word: str) -> click.Parameter | None:
    return next((one for one in command.params if word in (*one.opts, *one.secondary_opts)), None)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_of_a_page_exist(page: Path) -> None:
    assert not [fault for line in commands(page) if (fault := fault_of(line))]


def test_a_command_or_an_option_that_does_not_exist_is_found() -> None:
    assert fault_of("liveprofile show --usr anna") is not None
    assert fault_of("liveprofile topics chek") is not None
    assert fault_of("liveprofile --bootstrap kafka-1:9092 topics check") is None


def test_there_are_commands_on_the_pages() -> None:
    assert sum(len(commands(page)) for page in PAGES) > 50
