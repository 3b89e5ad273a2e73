"""`liveprofile doctor`: checks what commonly goes wrong, and says the next step for each."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from liveprofile.streams.cli.context import Context, UserError, bootstrap_option, echo_json, examples, pass_context
from liveprofile.streams.cli.worker import stage_names
from liveprofile.streams.errors import ExitCode

if TYPE_CHECKING:
    from liveprofile.streams.admin.doctor.finding import Finding

COLOURS = {"ok": "green", "skipped": "dim", "warn": "yellow", "fail": "red"}


@click.command(
    epilog=examples(
        "liveprofile doctor",
        "liveprofile --bootstrap kafka:9092 doctor --stages ingest",
        "liveprofile doctor --json | jq '.findings[] | select(.status == \"fail\")'",
    )
)
@click.option(
    "--stages", callback=stage_names, metavar="NAMES", help="Stages that run here; those of the settings by default."
)
@click.option("--ready-file", type=click.Path(path_type=Path), help="The file that workers here are given.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object; the default in a pipe.")
@bootstrap_option
@pass_context
def command(context: Context, stages: tuple[str, ...] | None, ready_file: Path | None, as_json: bool) -> None:
    """Check this machine, Kafka, the topics and the workers; change and write nothing.

    Every check says what it looked at, and what to do where something is wrong. Exit code 0 if nothing fails, also with
    warnings; 2 if the settings cannot be read; 4 if no Kafka answers and all else is fine; else 3.
    """
    findings = _findings(context, stages, ready_file)
    if as_json or not sys.stdout.isatty():
        import msgspec

        fails = sum(one.status == "fail" for one in findings)
        echo_json({"ok": not fails, "fails": fails, "findings": msgspec.to_builtins(findings)})
    else:
        _print(context, findings)
    click.get_current_context().exit(_code(findings))


def _findings(context: Context, stages: tuple[str, ...] | None, ready_file: Path | None) -> "list[Finding]":
    """All findings; only one where the settings cannot be read, because all others stand on them."""
    from liveprofile.streams.admin.doctor.diagnose import diagnose
    from liveprofile.streams.admin.doctor.finding import Answers

    try:
        settings = context.settings
    except UserError as error:
        say = Answers("settings", "the settings file, LIVEPROFILE_ variables and options")
        return [say.fail(error.message, error.next_step)]
    wanted = stages or settings.worker.stages
    return asyncio.run(diagnose(settings, context.bootstrap, stages=wanted, ready_file=ready_file))


def _code(findings: "list[Finding]") -> int:
    """The exit code by what fails."""
    failed = {one.check for one in findings if one.status == "fail"}
    if not failed:
        return ExitCode.OK
    if failed == {"settings"}:
        return ExitCode.USAGE
    return ExitCode.NO_KAFKA if failed == {"Kafka"} else ExitCode.WRONG


def _print(context: Context, findings: "list[Finding]") -> None:
    from rich.table import Table

    table = Table("", "check", "found, and what to do", box=None, pad_edge=False)
    for one in findings:
        colour = COLOURS[one.status]
        step = f"\n[cyan]Next:[/cyan] {_plain(one.next_step)}" if one.next_step else ""
        table.add_row(f"[{colour}]{one.status}[/{colour}]", one.check, f"{_plain(one.words)}{step}")
    context.out.print(table)
    counts = {status: sum(one.status == status for one in findings) for status in COLOURS}
    context.inform(", ".join(f"{count} {status}" for status, count in counts.items() if count))


def _plain(text: str) -> str:
    """Text without markup of its own."""
    from rich.markup import escape

    return escape(text)
