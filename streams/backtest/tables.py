"""Figures of a backtest as tables for a terminal."""

from collections.abc import Iterable, Iterator

from rich.console import Group
from rich.table import Table
from rich.text import Text

from streams.backtest.figures.judged import Judged
from streams.backtest.report.grid import Cell, Grid, grids, words


def tables(judged: Iterable[Judged]) -> Iterator[Group]:
    """Every table of every task."""
    return (table(grid) for one in judged for grid in grids(one))


def table(grid: Grid) -> Group:
    """One table below its title: the best of a column is bold."""
    drawn = Table(box=None, header_style="dim", pad_edge=False)
    drawn.add_column("")
    for column in grid.columns:
        drawn.add_column(Text(words(column)), justify="right")
    for name, cells in grid.rows:
        drawn.add_row(Text(words(name)), *map(_text, cells))
    title, legend = Text(grid.title, style="bold"), Text(grid.legend, style="dim")
    return Group(title, drawn, *([legend] if grid.legend else []))


def _text(cell: Cell) -> Text:
    return Text(cell.text, style="bold" if cell.best else "")
