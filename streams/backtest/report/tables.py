"""Figures of a backtest as tables for a terminal."""

from collections.abc import Iterator, Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from liveprofile.streams.backtest.figures.judged import Judged
from liveprofile.streams.backtest.report.grid import Cell, Grid, grids, named_grids, split, words


def tables(judged: Sequence[Judged]) -> Iterator[Group]:
    """Every table of every task, and their common details."""
    tasks, alike = split(judged)
    for one in tasks:
        yield from map(table, grids(one))
    yield from map(table, named_grids("run", alike))


def table(grid: Grid) -> Group:
    """One table below its title; the best of a column is bold."""
    drawn = Table(box=None, header_style="dim", pad_edge=False)
    drawn.add_column("")
    for column in grid.columns:
        drawn.add_column(Text(words(column)), justify="right")
    marked = [any(cells[at].mark for _, cells in grid.rows) for at in range(len(grid.columns))]
    for name, cells in grid.rows:
        drawn.add_row(Text(words(name)), *map(_text, cells, marked))
    title, legend = Text(grid.title, style="bold"), Text(grid.legend, style="dim")
    return Group(title, drawn, *([legend] if grid.legend else []))


def _text(cell: Cell, marked: bool) -> Text:
    """A figure with room for a mark if its column has marks, so that digits are aligned."""
    return Text(f"{cell.text} {cell.mark or ' '}" if marked else cell.text, style="bold" if cell.best else "")
