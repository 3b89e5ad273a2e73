"""The root of the command line: global options, lazy import of commands, and readable errors."""

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from liveprofile.errors import LiveprofileError
from liveprofile.models.errors import ModelError
from liveprofile.streams.cli.context import Context
from liveprofile.streams.cli.help_format import HelpContext, use
from liveprofile.streams.cli.wrapping import hanging, width_of
from liveprofile.streams.errors import ExitCode, MissingTopicError, UserError
from liveprofile.streams.transport.denial import denial_in

COMMANDS: dict[str, dict[str, tuple[str, str]]] = {
    "Try it": {
        "demo": (
            "liveprofile.streams.cli.demo.command",
            "The whole system on this machine: broker, worker, shop traffic, a live view.",
        ),
    },
    "Run": {
        "broker": ("liveprofile.streams.cli.broker", "Start, stop and inspect the embedded Apache Kafka."),
        "topics": ("liveprofile.streams.cli.topics", "Create and check the topics."),
        "acls": ("liveprofile.streams.cli.acls", "The rights on Kafka that each role needs, as ACLs."),
        "upgrade": (
            "liveprofile.streams.cli.upgrade",
            "What this version does to the topics, before it does it; the last step of an upgrade.",
        ),
        "key": ("liveprofile.streams.cli.key", "Create, check and back up the key of pseudonyms."),
        "export-model": (
            "liveprofile.streams.cli.export_model",
            "Turn a BERT model into the ONNX files that ingest loads.",
        ),
        "warm": ("liveprofile.streams.cli.warm", "Embed a catalogue's titles in advance."),
        "worker": ("liveprofile.streams.cli.worker", "Run stages: ingest, profile, learn, items."),
        "doctor": (
            "liveprofile.streams.cli.doctor",
            "Check machine, settings, Kafka and workers; the next step for each fault.",
        ),
        "serve": (
            "liveprofile.streams.cli.serve",
            "Answer questions about profiles over HTTP: read, push, why, at any version.",
        ),
        "token": ("liveprofile.streams.cli.token", "Make, list and revoke tokens of the query service."),
        "rebuild": (
            "liveprofile.streams.cli.rebuild",
            "Fold all profiles anew beside the workers that serve, then switch over.",
        ),
    },
    "Feed": {
        "check": (
            "liveprofile.streams.cli.check",
            "Check a file of your own events, without Kafka: what is taken, and a profile of it.",
        ),
        "traffic": (
            "liveprofile.streams.cli.traffic",
            "Simulate a shop: searches, views, purchases, drift and anomalies.",
        ),
        "replay": ("liveprofile.streams.cli.replay", "Send a file of real events into the input topics."),
    },
    "Segment": {
        "segments": (
            "liveprofile.streams.cli.segments.command",
            "Lifecycle and segments: list, check, preview, publish, sizes, export.",
        ),
    },
    "Identify": {
        "identity": (
            "liveprofile.streams.cli.identity.command",
            "Who is who: rules, and what they would make of a log of logins.",
        ),
    },
    "Measure": {
        "backtest": (
            "liveprofile.streams.cli.backtest",
            "Evaluate the stream without Kafka on data with known truth.",
        ),
    },
    "Train": {
        "finetune": ("liveprofile.streams.cli.finetune", "Train the embedding model on pairs of texts of a shop."),
        "distil": (
            "liveprofile.streams.cli.distil",
            "Make the embedding model smaller and faster: a student with fewer layers.",
        ),
    },
    "Forget": {
        "erase": (
            "liveprofile.streams.cli.erase",
            "Erase a shopper permanently: the profile, and all later events.",
        ),
    },
    "Look": {
        "status": (
            "liveprofile.streams.cli.status",
            "How far behind the stream is: workers, partitions, lag, and why.",
        ),
        "show": ("liveprofile.streams.cli.show", "Show one shopper's profile."),
        "explain": (
            "liveprofile.streams.cli.explain",
            "Explain a profile's values: rule, threshold, evidence, history.",
        ),
        "recommend": ("liveprofile.streams.cli.recommend", "Items for one shopper, each with the reason."),
        "similar": ("liveprofile.streams.cli.similar", "Shoppers with the most similar interests."),
        "watch": (
            "liveprofile.streams.cli.watch",
            "Follow changes, anomalies or refused records, with reasons.",
        ),
        "reference": (
            "liveprofile.streams.cli.reference",
            "The meaning of every name in records: paths, codes, segments, attributes.",
        ),
        "settings": ("liveprofile.streams.cli.settings", "Every setting with its value and origin."),
        "metrics": ("liveprofile.streams.cli.metrics", "Every metric of a worker, with its meaning."),
    },
    "Help": {
        "help": ("liveprofile.streams.cli.help", "The help of a command: help watch."),
        "completion": ("liveprofile.streams.cli.completion", "What a shell needs to complete commands."),
    },
}
"""Heading -> command -> its module with `command`, and the sentence for --help."""


class Root(click.Group):
    """A group that imports a command's module only when the command runs, and that prints every error as a sentence."""

    context_class = HelpContext

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the table."""
        return [name for commands in COMMANDS.values() for name in commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        for commands in COMMANDS.values():
            if cmd_name in commands:
                command: click.Command = importlib.import_module(commands[cmd_name][0]).command
                command.name = cmd_name
                use(command)
                return command
        return None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """As click's, with the nearest known command for an unknown one."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], self.list_commands(ctx), 1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise click.UsageError(f"{error.message.rstrip('.')}.{hint}", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands under their headings, without importing them."""
        for heading, commands in COMMANDS.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(12), text) for name, (_, text) in commands.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """As click's; an error for want of a right on Kafka names the role that has the right."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            if (denied := _denied(ctx.obj, error)) is not None:
                raise denied from error
            raise

    def main(self, args: Sequence[str] | None = None, *, standalone_mode: bool = True, **extra: Any) -> Any:  # type: ignore[override]  # click's other arguments are in extra
        """Run, print every error as a sentence, and end with a code of `ExitCode`."""
        words = list(sys.argv[1:] if args is None else args)
        if not standalone_mode:
            return super().main(words, standalone_mode=False, **extra)
        try:
            result = super().main(words, standalone_mode=False, **extra)
            sys.exit(result if isinstance(result, int) else 0)
        except Exception as error:
            if "--debug" in words and not isinstance(error, click.ClickException | click.Abort):
                raise
            _end(error)


def _end(error: Exception) -> NoReturn:
    """Print an error and exit with its code."""
    if isinstance(error, click.Abort):
        sys.exit(ExitCode.INTERRUPTED)
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        sys.exit(ExitCode.USAGE)
    if isinstance(error, click.ClickException):
        context = error.ctx if isinstance(error, click.UsageError) else None
        words = ["liveprofile", *(context.command_path.split()[1:] if context else ())]
        _print_error(error.format_message(), f"`{' '.join(words)} --help` shows what it takes.")
        sys.exit(ExitCode.USAGE)
    if isinstance(error, UserError):
        _print_error(error.message, error.next_step)
        sys.exit(error.exit_code)
    if isinstance(error, LiveprofileError):
        from liveprofile.profiles.records.layouts.errors import UnknownLayoutError

        _print_error(getattr(error, "message", str(error)), error.next_step)
        sys.exit(ExitCode.WRONG if isinstance(error, ModelError | UnknownLayoutError) else ExitCode.FAILED)
    if _is_of_kafka(error):
        _print_error(f"Kafka did not do what was asked: {error}", "Look at the broker, and run the command again.")
        sys.exit(ExitCode.NO_KAFKA)
    _print_error(
        f"{type(error).__name__}: {error}",
        "This is an unexpected error: --debug before the command's name shows where.",
    )
    sys.exit(ExitCode.FAILED)


def _denied(context: Context | None, error: Exception) -> UserError | None:
    """The error for want of a right, if that is what stopped a command that asked for Kafka."""
    if context is None or not context.asked_as or not (isinstance(error, MissingTopicError) or denial_in(error)):
        return None
    from liveprofile.streams.admin.acls.denied import explain
    from liveprofile.streams.admin.acls.role import roles_of

    roles = roles_of(context.asked_as, context.stages)
    return explain(error, roles, context.settings.topics, context.bootstrap())


def _is_of_kafka(error: Exception) -> bool:
    """Whether aiokafka raised it because the broker does not answer; the library is not imported for this."""
    return type(error).__module__.startswith("aiokafka.") and bool(getattr(error, "retriable", False))


def _print_error(message: str, next_step: str) -> None:
    """Print one sentence and the next step on standard error."""
    width = width_of(sys.stderr)
    parts = [("Error: ", "red", message), ("  Next: ", "cyan", next_step)]
    for head, colour, text in parts if next_step else parts[:1]:
        body = hanging(head + _sentence(text), len(head), width)[len(head) :]
        click.echo(click.style(head, fg=colour, bold=True) + body, err=True)


def _sentence(text: str) -> str:
    """A text with a capital and a full stop, on one line.

    >>> _sentence("port 9092 is in use")
    'Port 9092 is in use.'
    """
    from liveprofile.streams.logs import escape

    text = escape(text.strip())
    first = text.split(" ", 1)[0]
    if first.isalpha() and first != "liveprofile":
        text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."


@click.group(cls=Root, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Settings file; liveprofile.toml in this folder by default.",
)
@click.option("--bootstrap", metavar="HOST:PORT", help="Address of Kafka, instead of the embedded one.")
@click.option("--data-dir", metavar="FOLDER", help="Folder for the embedded broker, caches and keys.")
@click.option("--log-level", metavar="LEVEL", help="Least severity logged: debug, info, warning, error.")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.version_option(package_name="liveprofile", message="liveprofile %(version)s")
@click.pass_context
def main(
    ctx: click.Context,
    config: Path | None,
    bootstrap: str | None,
    data_dir: str | None,
    log_level: str | None,
    debug: bool,
) -> None:
    """One live profile per shopper from streams of clicks, searches and purchases; publishes what changed and why.

    \b
    Start here:
      liveprofile demo                       everything on this machine, live
      liveprofile watch changes              changes of profiles, with reasons
      liveprofile show 3f2a                  one profile, by the start of its id

    \b
    On your own Kafka:
      liveprofile --bootstrap kafka:9092 topics create
      liveprofile --bootstrap kafka:9092 worker --stages ingest,profile,learn,items
    """
    given = {"bootstrap": bootstrap, "data_dir": data_dir, "log.level": log_level}
    ctx.obj = Context(config, {name: value for name, value in given.items() if value is not None}, debug)
