"""Figures of a backtest as tables for people."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table


def tables(found: Mapping[str, Any]) -> Iterator[Table]:
    """A table for each part: a part whose values are groups has a row for each group."""
    for name, part in found.items():
        groups = {key: value for key, value in part.items() if isinstance(value, Mapping)}
        single = {key: value for key, value in part.items() if key not in groups}
        title = name + "".join(f"  {_words(key)} {_shown(value)}" for key, value in single.items() if groups)
        yield _grouped(title, groups) if groups else _plain(title, single)


def _plain(title: str, values: Mapping[str, Any]) -> Table:
    table = _table(title, list(values))
    table.add_row("", *map(_shown, values.values()))
    return table


def _grouped(title: str, groups: Mapping[str, Mapping[str, Any]]) -> Table:
    columns = list(dict.fromkeys(column for group in groups.values() for column in group))
    table = _table(title, columns)
    for name, group in groups.items():
        table.add_row(_words(name), *(_shown(group.get(column)) for column in columns))
    return table


def _table(title: str, columns: list[str]) -> Table:
    table = Table(title=f"[bold]{title}[/]", title_justify="left", box=None, header_style="dim", pad_edge=False)
    table.add_column("")
    for column in columns:
        table.add_column(_words(column), justify="right")
    return table


def _words(name: str) -> str:
    return name.replace("_", " ")


def _shown(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    return f"{value:,.3f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
