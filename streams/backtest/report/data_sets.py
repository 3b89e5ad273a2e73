"""The data sets as a table for the documentation."""

from streams.backtest.data_sets import DATA_SETS
from streams.backtest.report.grid import Cell, Grid
from streams.backtest.report.markdown import table


def data_sets_table() -> str:
    """Name, what it is, where a user gets it, its licence, its tasks."""
    rows = [
        (name, [Cell(one.words), Cell(one.source), Cell(one.licence), Cell(", ".join(one.tasks))])
        for name, one in sorted(DATA_SETS.items())
    ]
    return table(Grid("", ["what it is", "where it is from", "licence", "tasks"], rows))
