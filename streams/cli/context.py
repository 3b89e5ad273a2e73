"""The context of every command: settings, two consoles, and the way to report errors.

A command module exposes one click command or group named `command`:

    import click
    from liveprofile.streams.cli.context import Context, UserError, bootstrap_option, pass_context

    @click.command(epilog=examples("liveprofile topics create"))
    @bootstrap_option                                   # accept --bootstrap after the command's name, too
    @pass_context
    def command(context: Context) -> None:
        settings = context.settings                     # read at the first use, then frozen
        bootstrap = context.bootstrap()                 # the Kafka of the settings, else the embedded one
        context.out.print(...)                          # results: standard output
        context.inform("creating 12 topics")            # progress: standard error, dim
        raise UserError("Topic clicks has 3 partitions, 4 are expected.", "Set partitions to 3, or delete it.")

Rules: import heavy modules (faust, onnxruntime, aiokafka) inside the function, so that --help is fast; never print a
traceback; exit with `click.get_current_context().exit(code)`; let Ctrl-C rise as KeyboardInterrupt (exit 130). A module
is listed in `streams/cli/main.py` (COMMANDS) with the sentence that `liveprofile --help` shows.
"""

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from liveprofile.streams.cli.wrapping import hanging, hanging_lines, width_of
from liveprofile.streams.errors import UserError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

    from liveprofile.streams.settings import Settings
    from liveprofile.streams.settings.load import Loaded
    from liveprofile.streams.transport.connection import Connection

PIPED = 10_000
"""Columns where there is no terminal: no table is folded."""
DRAWN = 110
"""Columns of a drawn view there."""

_Command = TypeVar("_Command", bound=Callable[..., Any])

__all__ = [
    "Context",
    "UserError",
    "bootstrap_option",
    "echo_json",
    "examples",
    "language_option",
    "locale_option",
    "pass_context",
]


@dataclass
class Context:
    """The global options; `settings` are read once, at the first use."""

    config: Path | None = None
    overrides: dict[str, str] = field(default_factory=dict)
    """Values from the command line by dotted name ("bootstrap", "log.level"); they win over environment and file."""
    debug: bool = False
    asked_as: str = ""
    """The command that asked for Kafka, such as "topics create"; empty before it did."""
    stages: tuple[str, ...] = ()
    """The stages of a worker that asked."""
    locale: str | None = None
    """The language that messages are shown in; None for that of the records."""
    _has_logs: bool = False

    def in_locale(self, record: dict[str, Any]) -> dict[str, Any]:
        """A record with its messages in the wanted language."""
        if self.locale is None:
            return record
        from liveprofile.streams.language.records import translated

        return translated(record, self.locale)

    @cached_property
    def loaded(self) -> "Loaded":
        """The settings with the origin of each value. UserError for an unknown setting or an invalid value."""
        import os

        from liveprofile.streams.settings.load import load, unknown_variables

        for name in unknown_variables(os.environ):
            self.inform(f"{name} is like no setting, and nothing is made of it")
        return load(self.config, os.environ, self.overrides)

    def read_again(self) -> None:
        """Read the settings anew at their next use: the environment has changed."""
        self.__dict__.pop("loaded", None)

    @property
    def settings(self) -> "Settings":
        """The frozen settings."""
        return self.loaded.settings

    def bootstrap(self) -> "Connection":
        """Kafka, and how to connect to it: the setting, else this folder's embedded broker.

        UserError if none runs, and if records would leave this machine unencrypted without a setting that allows it.
        From then on the command says when Kafka goes away and when it is back; libraries say nothing besides.
        """
        from liveprofile.streams.broker.locate import find_bootstrap
        from liveprofile.streams.transport.connection import Connection
        from liveprofile.streams.transport.reachability import BROKERS
        from liveprofile.streams.transport.security.cleartext import refuse_cleartext

        if not self._has_logs:
            _warn_on_standard_error()
            logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
            BROKERS.tell = lambda turn: self.inform(str(turn))
        found = find_bootstrap(
            self.settings.bootstrap, self.settings.data_path, encrypted=self.settings.kafka.is_encrypted
        )
        refuse_cleartext(found, self.settings.kafka)
        self._note_command()
        return Connection(found, self.settings.kafka)

    def _note_command(self) -> None:
        """Which command asks for Kafka: an error for want of rights names its role."""
        at = click.get_current_context(silent=True)
        if at is None or at.parent is None:
            return
        self.stages = tuple(at.params.get("stages") or self.settings.worker.stages)
        names: list[str] = []
        while at is not None and at.parent is not None:
            names.insert(0, at.info_name or "")
            at = at.parent
        self.asked_as = " ".join(names)

    @cached_property
    def out(self) -> "Console":
        """The console for results, on standard output; in a pipe it wraps and cuts off nothing."""
        from rich.console import Console

        return Console(highlight=False, width=None if sys.stdout.isatty() else PIPED)

    @cached_property
    def err(self) -> "Console":
        """The console for everything else, on standard error."""
        from rich.console import Console

        return Console(stderr=True, highlight=False)

    def inform(self, text: str) -> None:
        """Print progress on standard error."""
        self.err.print(f"[dim]==>[/dim] {hanging(f'==> {text}', 4, width_of(sys.stderr))[4:]}", soft_wrap=True)

    def write(self, line: "Text", indent: int = 0) -> None:
        """Print a line of a result: on a terminal wrapped at words, beside the first `indent` columns."""
        if not self.out.is_terminal:
            self.out.print(line, soft_wrap=True)
            return
        for part in hanging_lines(line, indent, self.out):
            self.out.print(part, soft_wrap=True)

    def draw(self, view: "RenderableType") -> None:
        """Print a view that is as wide as the terminal; in a pipe `DRAWN` columns."""
        self.out.print(view, width=None if self.out.is_terminal else DRAWN)

    def start_logs(self, unless_set: str | None = None, instance: str = "") -> None:
        """Send structlog and stdlib logging to standard error, by `log.level` and `log.format`.

        `unless_set` is the level if the setting has its default; `instance` stands in every line.
        """
        from liveprofile.streams.logs import configure

        self._has_logs = True
        chosen = self.loaded.origins["log.level"] != "default"
        level = self.settings.log.level if chosen else unless_set or self.settings.log.level
        configure(level, self.settings.log.format, instance=instance)


def _warn_on_standard_error() -> None:
    """Warnings of a command that only answers: beside its answer, not in it."""
    import structlog

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


pass_context = click.make_pass_decorator(Context, ensure=True)
"""Passes the root's Context to a command as its first argument."""


def bootstrap_option(function: _Command) -> _Command:
    """Also accept --bootstrap after the command's name; it overrides the setting."""
    return click.option(
        "--bootstrap",
        metavar="HOST:PORT",
        expose_value=False,
        callback=_override_bootstrap,
        help="Address of Kafka, instead of the embedded one.",
    )(function)


def locale_option(function: _Command) -> _Command:
    """Accept --locale: the language of messages, for `Context.in_locale`."""
    return click.option(
        "--locale",
        metavar="LANGUAGE",
        expose_value=False,
        callback=_choose_locale,
        help="Language of the messages: de, en or zh; as the records have them by default.",
    )(function)


def language_option(function: _Command) -> _Command:
    """Accept --language, that of a simulated shop; None is the language of the settings."""
    return click.option(
        "--language",
        type=click.Choice(("de", "en", "zh")),
        help="Language of the simulated shop's titles, queries and reviews; the setting `language` by default.",
    )(function)


def _choose_locale(context: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is None:
        return
    from liveprofile.streams.language.choose import known
    from liveprofile.streams.language.words_of import LANGUAGES

    language = known(value)
    if language is None:
        raise UserError(f"--locale is {value!r}.", f"There are messages in {', '.join(LANGUAGES)}.")
    context.ensure_object(Context).locale = language


def _override_bootstrap(context: click.Context, _: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.ensure_object(Context).overrides["bootstrap"] = value


def examples(*lines: str) -> str:
    """An epilog of examples for --help, one per line."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def echo_json(value: Any) -> None:
    """Print a result for programs on standard output: a record, a list or a dictionary."""
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))
