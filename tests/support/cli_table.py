"""Every command's help, exit codes and errors as a table: `python -m tests.support.cli_table`.

A help fits 80 columns and has an example. An error is one sentence and a next step, fits 80 columns, has a documented
exit code, no traceback and no class name.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import click
from click.testing import CliRunner

from liveprofile.profiles.segments.rules import starter
from liveprofile.streams.cli.main import main
from liveprofile.streams.errors import ExitCode

WIDTH = 80
NOBODY = "127.0.0.1:1"
"""An address at which no Kafka answers."""
CLASS_NAME = re.compile(r"\b(?:[A-Z][a-z0-9]+){1,}(?:Error|Exception|Unavailable|Failed)\b|AddressFamily")
KAFKA = (
    ("topics", "create"),
    ("topics", "list"),
    ("topics", "check"),
    ("upgrade", "--check"),
    ("worker", "--stages", "learn"),
    ("rebuild", "--status"),
    ("traffic", "--events", "1"),
    ("show", "3f2a"),
    ("explain", "3f2a", "spend"),
    ("recommend", "3f2a"),
    ("similar", "3f2a"),
    ("watch", "changes"),
    ("watch", "anomalies", "--no-follow"),
    ("topics", "accept", "clicks"),
    ("segments", "list"),
    ("segments", "sizes"),
    ("segments", "export", "vip"),
    ("segments", "preview", "mine.toml"),
    ("segments", "publish", "mine.toml", "--yes"),
    ("rebuild", "--switch", "--yes"),
    ("rebuild", "--abandon", "--yes"),
    ("upgrade", "--finish"),
    ("replay", "mine.jsonl", "--format", "jsonl"),
)
"""Commands that need Kafka."""
WRONG = (
    (("wacht",), ExitCode.USAGE),
    (("watch",), ExitCode.USAGE),
    (("watch", "chnages"), ExitCode.USAGE),
    (("watch", "changes", "--kind", "velocity"), ExitCode.USAGE),
    (("watch", "changes", "--limit", "0"), ExitCode.USAGE),
    (("help", "wacht"), ExitCode.USAGE),
    (("completion", "csh"), ExitCode.USAGE),
    (("worker", "--stages", "fold"), ExitCode.USAGE),
    (("traffic", "--rate", "-1"), ExitCode.USAGE),
    (("traffic", "--start", "yesterday"), ExitCode.USAGE),
    (("--log-level", "loud", "settings"), ExitCode.USAGE),
    (("--config", "missing.toml", "settings"), ExitCode.USAGE),
    (("--bootstrap", "http://kafka:9092", "settings"), ExitCode.USAGE),
    (("replay", "missing.csv", "--format", "jsonl"), ExitCode.USAGE),
    (("segments", "check", "missing.toml"), ExitCode.USAGE),
    (("check", "missing.jsonl"), ExitCode.USAGE),
    (("check", "-"), ExitCode.WRONG),
    (("check", "-", "--input", "clikcs"), ExitCode.USAGE),
    (("segments", "preview", "wrong.toml"), ExitCode.WRONG),
    (("segments", "publish", "wrong.toml", "--yes"), ExitCode.WRONG),
    (("--bootstrap", NOBODY, "segments", "publish", "mine.toml"), ExitCode.USAGE),
    (("segments", "export", "vip", "--match", "missing.txt"), ExitCode.USAGE),
    (("--config", "wrong.toml", "settings"), ExitCode.USAGE),
    (("erase", "u-1", "--yes"), ExitCode.USAGE),
    (("key", "check"), ExitCode.USAGE),
    (("show",), ExitCode.USAGE),
    (("show", "xyz", "--user", "u-1"), ExitCode.USAGE),
    (("warm", "missing.txt"), ExitCode.USAGE),
    (("rebuild",), ExitCode.USAGE),
    (("explain", "3f2a"), ExitCode.USAGE),
    (("acls",), ExitCode.USAGE),
    (("acls", "--role", "god"), ExitCode.USAGE),
    (("acls", "--role", "ingest", "--group", "mailer"), ExitCode.USAGE),
    (("acls", "--role", "reader", "--group", "liveprofile"), ExitCode.USAGE),
    (("acls", "--role", "ingest", "--principal", "ingest"), ExitCode.USAGE),
    (("acls", "--role", "ingest", "--principal", "User:My_Shop", "--format", "strimzi"), ExitCode.USAGE),
    (("acls", "--role", "ingest"), ExitCode.NO_KAFKA),
    (("broker", "status"), ExitCode.NO_KAFKA),
    (("traffic", "--events", "1"), ExitCode.NO_KAFKA),
)
"""Command lines that cannot work in an empty folder, each with its exit code."""


@dataclass(frozen=True)
class Row:
    """One command line, what it ended with, and what is wrong with that."""

    line: str
    code: int
    problems: tuple[str, ...]


def rows() -> Iterator[Row]:
    """All rows of the table."""
    for words in commands(main):
        yield help_row(words)
    for words, code in WRONG:
        yield error_row(words, code)
    for words in KAFKA:
        yield error_row(("--bootstrap", NOBODY, *words), ExitCode.NO_KAFKA)


def commands(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command."""
    yield words
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from commands(inner, (*words, name))


def help_row(words: tuple[str, ...]) -> Row:
    """The help of a command at 80 columns."""
    done = CliRunner().invoke(main, [*words, "--help"], terminal_width=WIDTH)
    problems = [*_too_wide(done.output)]
    if done.exit_code != 0:
        problems.append(f"ended with {done.exit_code}")
    if "liveprofile " not in done.output.partition("\n")[2] and words:
        problems.append("has no example")
    return Row(" ".join((*words, "--help")), done.exit_code, tuple(problems))


def error_row(words: tuple[str, ...], code: ExitCode) -> Row:
    """A command line that cannot work."""
    with empty_folder(), terminal():
        done = CliRunner().invoke(main, list(words))
    told = done.stderr
    problems = [*_too_wide(told)]
    if done.exit_code != code:
        problems.append(f"ended with {done.exit_code} instead of {code.value}")
    if "Traceback" in told:
        problems.append("has a traceback")
    if found := CLASS_NAME.search(told):
        problems.append(f"has a class name: {found[0]}")
    if "Next: " not in told and "--help" not in told and "Usage:" not in told and words != ("broker", "status"):
        problems.append(f"has no next step: {told!r}")
    return Row(" ".join(words), done.exit_code, tuple(problems))


@contextmanager
def empty_folder() -> Iterator[None]:
    """A command sees no settings, no data and no broker; only a few small files."""
    rules = starter().record["toml"]
    with CliRunner().isolated_filesystem(tempfile.gettempdir()):
        Path("empty").mkdir()
        Path("mine.toml").write_text(rules, "utf-8")
        Path("mine.jsonl").write_text("{}\n", "utf-8")
        Path("wrong.toml").write_text('name = "mine"\n', "utf-8")
        yield


@contextmanager
def terminal() -> Iterator[None]:
    """Errors and progress go to a terminal of 80 columns."""
    modules = ("liveprofile.streams.cli.main.width_of", "liveprofile.streams.cli.context.width_of")
    with patch(modules[0], lambda stream: WIDTH), patch(modules[1], lambda stream: WIDTH):
        yield


def _too_wide(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if len(line) > WIDTH and not line.startswith("{"):  # a log in a pipe is JSON
            yield f"has {len(line)} columns: {line}"


if __name__ == "__main__":
    found = list(rows())
    for row in found:
        print(f"{row.code:4}  {row.line:50} {'; '.join(row.problems) or 'ok'}")
    sys.exit(any(row.problems for row in found))
