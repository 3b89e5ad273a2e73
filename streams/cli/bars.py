"""Progress of long work: a bar for each step on a terminal, a line otherwise."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from liveprofile.streams.cli.context import Context

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from liveprofile.models.export import Progress


@contextmanager
def step_bars(context: Context) -> Iterator["Progress"]:
    """A callback with (name of the step, items done, items in all) that shows a bar for each step."""
    from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<36}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    terminal = context.err.is_terminal
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=context.err, disable=not terminal) as bars:

        def on_progress(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
                if not terminal:
                    context.inform(what)
            bars.update(tasks[what], completed=done)

        yield on_progress


def file_bar(context: Context, *, transient: bool = False) -> "Bar":
    """A bar of the bytes read of a file, and of the field `records` of its task; on a terminal only."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[records]:,} records"),
        TimeElapsedColumn(),
        console=context.err,
        disable=not context.err.is_terminal,
        transient=transient,
    )
