"""Rules from a file, and the rules in force."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from liveprofile.streams.cli.context import Context
from liveprofile.streams.errors import DataError

if TYPE_CHECKING:
    from liveprofile.profiles.segments.rules import RuleSet
    from liveprofile.streams.admin.preview_segments import Report

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


def judged_rules(file: Path) -> "tuple[RuleSet | None, list[str]]":
    """The rules of a file, None where they cannot be read; and what is wrong with them."""
    from liveprofile.streams.admin.judge_rules import judged

    try:
        rules, found = judged(file.read_text("utf-8"))
    except UnicodeDecodeError as error:
        return None, [f"the file is not UTF-8: {error}"]
    return rules, [one.words for one in found]


def usable_rules(file: Path) -> "RuleSet":
    """The rules of a file; DataError for contradictions."""
    rules, found = judged_rules(file)
    if rules is None or found:
        raise DataError(f"These rules cannot be used: {found[0]}.", f"See all: liveprofile segments check {file}")
    return rules


async def rules_in_force(context: Context) -> "RuleSet":
    """The rules in the first partition's cursor; all partitions have the same."""
    from liveprofile.streams.admin.rules_in_force import rules_in_force as read

    return await read(context.bootstrap(), context.settings.topics)


def reporter(context: Context, bar: Any) -> "Report":
    """A callback that shows the number of partitions read, and the share of the present one."""
    from liveprofile.streams.runtime.progress import Progress

    shown = bar.add_task("reading profiles", total=context.settings.topics.partitions)

    def report(number: int, progress: Progress) -> None:
        bar.update(shown, completed=number + progress.done / max(progress.total or 1, 1))

    return report


def reading_bar(context: Context) -> Any:
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    return Progress(*columns, TimeElapsedColumn(), console=context.err, disable=not context.err.is_terminal)
