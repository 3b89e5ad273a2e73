"""A bar for each step of a longer piece of work on a terminal, a line elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from liveprofile.streams.cli.context import Context

if TYPE_CHECKING:
    from liveprofile.models.export import Progress


@contextmanager
def step_bars(context: Context) -> Iterator["Progress"]:
    """A listener that hears (what is being done, how far, of how many) and gives each step a bar."""
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
