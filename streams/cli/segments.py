"""`liveprofile segments list|check|preview|publish`: the rules of lifecycle and segments."""

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from liveprofile.streams.cli.context import Context, bootstrap_option, echo_json, examples, pass_context
from liveprofile.streams.errors import DataError
from liveprofile.streams.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

    from liveprofile.profiles.segments.preview import Preview, Step
    from liveprofile.profiles.segments.rules import RuleSet
    from liveprofile.streams.admin.preview_segments import Report

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


@click.group(
    epilog=examples(
        "liveprofile segments list --toml > mine.toml      # start from the rules in force",
        "liveprofile segments check mine.toml",
        "liveprofile segments preview mine.toml            # who would enter, who would leave",
        "liveprofile segments publish mine.toml",
    )
)
def command() -> None:
    """Lifecycle and segments: rules in a TOML file, checked, previewed on all profiles, published without a restart."""


@command.command("list", epilog=examples("liveprofile segments list", "liveprofile segments list --starter --toml"))
@click.option("--starter", "of_starter", is_flag=True, help="The included rules; needs no Kafka.")
@click.option("--toml", "as_toml", is_flag=True, help="The file itself, to edit and publish.")
@AS_JSON
@bootstrap_option
@pass_context
def list_command(context: Context, of_starter: bool, as_toml: bool, as_json: bool) -> None:
    """Show the rules in force."""
    from liveprofile.profiles.segments.rules import starter

    rules = starter() if of_starter else asyncio.run(_in_force(context))
    if as_toml:
        click.echo(rules.record["toml"], nl=False)
    elif as_json:
        echo_json(rules.file)
    else:
        context.out.print(f"rules {rules.label}\n")
        context.out.print(_rules_table(rules))


@command.command(epilog=examples("liveprofile segments check mine.toml"))
@FILE
@AS_JSON
@pass_context
def check(context: Context, file: Path, as_json: bool) -> None:
    """Check a file: syntax, names and types of features, and contradictory rules. Exit code 3 if it is wrong."""
    from liveprofile.profiles.segments.expressions import RuleError
    from liveprofile.profiles.segments.lint import problems

    try:
        rules = _read(file)
        found = [f"{name}: {what}" for name, what in problems(rules)]
    except RuleError as error:
        found = [str(error)]
    if as_json:
        echo_json({"file": str(file), "problems": found})
    elif found:
        for problem in found:
            context.out.print(problem, style="red", soft_wrap=True, markup=False)
    else:
        counts = f"{len(rules.file.lifecycle)} lifecycle states, {len(rules.file.segment)} segments"
        context.out.print(f"{rules.label} is valid: {counts}, {len(rules.lowered.atoms)} comparisons")
    click.get_current_context().exit(ExitCode.WRONG if found else 0)


@command.command(
    epilog=examples("liveprofile segments preview mine.toml", "liveprofile segments preview mine.toml --json")
)
@FILE
@AS_JSON
@bootstrap_option
@pass_context
def preview(context: Context, file: Path, as_json: bool) -> None:
    """Show who would enter and leave, without publishing: the rules are evaluated on every stored profile."""
    from liveprofile.streams.admin.preview_segments import preview as try_out

    rules, settings = _usable(file), context.settings
    with _bar(context) as bar:
        found = asyncio.run(
            try_out(
                context.bootstrap(), settings.topics, settings.profile.policy, rules, _now_ms(), _reporter(context, bar)
            )
        )
    if as_json:
        echo_json(found)
        return
    context.out.print(_preview_table(found, rules))
    totals = found.totals()
    context.out.print(
        f"\nof {found.profiles:,} profiles: {totals['enter']:,} memberships would begin, {totals['leave']:,} end, "
        f"{totals['stay']:,} stay"
    )


@command.command(epilog=examples("liveprofile segments publish mine.toml"))
@FILE
@bootstrap_option
@pass_context
def publish(context: Context, file: Path) -> None:
    """Publish a file's rules, without a restart. All profiles are evaluated again, and changes are published."""
    from liveprofile.streams.admin.publish_segments import publish as send

    rules, settings = _usable(file), context.settings
    count = asyncio.run(send(context.bootstrap(), settings.topics, rules, _now_ms(), settings.profile.policy.dims))
    context.out.print(f"published {rules.label} to {count} partitions: running workers apply them within seconds")


def _read(file: Path) -> "RuleSet":
    """The rules of a file. RuleError if they are wrong."""
    from liveprofile.profiles.segments.expressions import RuleError
    from liveprofile.profiles.segments.rules import RULES, RuleSet

    try:
        return RuleSet.from_record({"what": RULES, "toml": file.read_text("utf-8")})
    except UnicodeDecodeError as error:
        raise RuleError(f"the file is not UTF-8: {error}") from None


def _usable(file: Path) -> "RuleSet":
    """The rules of a file; DataError for contradictions."""
    from liveprofile.profiles.segments.expressions import RuleError
    from liveprofile.profiles.segments.lint import problems

    try:
        rules = _read(file)
        found = [f"{name}: {what}" for name, what in problems(rules)]
    except RuleError as error:
        found = [str(error)]
    if found:
        raise DataError(f"These rules cannot be used: {found[0]}.", f"See all: liveprofile segments check {file}")
    return rules


async def _in_force(context: Context) -> "RuleSet":
    """The rules in the first partition's cursor; all partitions have the same."""
    from liveprofile.streams.admin.preview_segments import load

    settings = context.settings
    with _bar(context) as bar:
        fold = await load(
            context.bootstrap(), settings.topics, settings.profile.policy, 0, _reporter(context, bar, partitions=1)
        )
    return fold.cursor.rules


def _reporter(context: Context, bar: Any, partitions: int = 0) -> "Report":
    """A callback that shows the number of partitions read, and the share of the present one."""
    from liveprofile.streams.runtime.progress import Progress

    shown = bar.add_task("reading profiles", total=partitions or context.settings.topics.partitions)

    def report(number: int, progress: Progress) -> None:
        bar.update(shown, completed=number + progress.done / max(progress.total or 1, 1))

    return report


def _bar(context: Context) -> Any:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    return Progress(*columns, TimeElapsedColumn(), console=context.err, disable=not context.err.is_terminal)


def _rules_table(rules: "RuleSet") -> "Table":
    from rich.table import Table

    table = Table("", "name", "meaning", "enter", "exit", "stay", box=None, pad_edge=False)
    for state in rules.file.lifecycle:
        table.add_row("lifecycle", state.name, state.meaning, _plain(state.when), "", "")
    for one in rules.file.segment:
        table.add_row("segment", one.name, one.meaning, _plain(one.enter), _plain(one.exit) or "not enter", one.stay)
    return table


def _preview_table(found: "Preview", rules: "RuleSet") -> "Table":
    from rich.table import Table

    table = Table("", "name", "now", "then", "enter", "leave", "some of them", box=None, pad_edge=False)
    for kind, names, steps in (
        ("lifecycle", [one.name for one in rules.file.lifecycle], found.states),
        ("segment", [one.name for one in rules.file.segment], found.segments),
    ):
        for name, step in _in_order(names, steps):
            numbers = (step.stay + step.leave, step.stay + step.enter, step.enter, step.leave)
            some = ["+" + one[:8] for one in step.entering[:2]] + ["-" + one[:8] for one in step.leaving[:2]]
            label = name if name in names else f"{name} (removed)"
            table.add_row(kind, label, *(f"{number:,}" for number in numbers), " ".join(some))
    return table


def _in_order(names: list[str], steps: dict[str, "Step"]) -> "Iterator[tuple[str, Step]]":
    """The rules in the file's order, also those without members; then removed ones."""
    from liveprofile.profiles.segments.preview import Step

    for name in [*names, *sorted(set(steps) - set(names))]:
        yield name, steps.get(name, Step())


def _plain(expression: str) -> str:
    return " ".join(expression.split())


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
