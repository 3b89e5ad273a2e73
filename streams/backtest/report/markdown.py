"""The report of a backtest in Markdown."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from liveprofile.streams.backtest.figures.judged import Judged
from liveprofile.streams.backtest.report.grid import Cell, Grid, detail_grids, intervals_grid, methods_grid, words


def section(judged: Judged, drawn: Mapping[str, Path]) -> Iterator[str]:
    """A task's paragraphs: methods, intervals, plots and details."""
    yield _headed(2, words(judged.task))
    if judged.n:
        yield f"{judged.n:,} cases."
    for name, side in judged.sides.items():
        if name:
            yield _headed(3, name)
        if side.methods:
            yield table(methods_grid("", side))
        if side.own:
            yield "95% intervals over users, who were drawn with all their cases: of ours, and of the difference."
            yield table(intervals_grid("", side))
    for what, file in drawn.items():
        yield f"![{judged.task}: {what}]({file.name})"
    yield from titled(detail_grids(judged))


def titled(grids: Iterable[Grid]) -> Iterator[str]:
    """Each table below its title."""
    for grid in grids:
        yield _headed(3, grid.title)
        yield table(grid)


def table(grid: Grid) -> str:
    """Rows of a table; the best of a column is bold.

    >>> print(table(Grid("", ["auc"], [("a|b", [Cell("0.7", best=True)])])))
    |  | auc |
    | --- | ---: |
    | a\\|b | **0.7** |
    """
    head = ["", *map(words, grid.columns)]
    body = [[words(name), *map(_text, cells)] for name, cells in grid.rows]
    lines = [_row(head), _row(["---", *(_rule(grid, at) for at in range(len(grid.columns)))]), *map(_row, body)]
    return "\n".join([*lines, *(["", grid.legend] if grid.legend else [])])


def _rule(grid: Grid, column: int) -> str:
    """The alignment of a column: numbers right, words left."""
    figures = all(cells[column].text[:1] in "-0123456789" for _, cells in grid.rows)
    return "---:" if figures else "---"


def _text(cell: Cell) -> str:
    return f"**{cell.text}** {cell.mark}".rstrip() if cell.best else f"{cell.text} {cell.mark}".rstrip()


def _headed(level: int, title: str) -> str:
    return f"{'#' * level} {title[:1].upper()}{title[1:]}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
