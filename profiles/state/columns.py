"""Rows as columns, each read on first use: reading NumPy records field by field costs ten times as much."""

from collections.abc import Iterator
from typing import Any

from liveprofile.profiles.state.row import Rows


class Columns(dict[str, list[Any]]):
    """The rows' fields as Python lists, by name."""

    def __init__(self, rows: Rows) -> None:
        super().__init__()
        self.rows = rows

    def __missing__(self, name: str) -> list[Any]:
        values: list[Any] = self.rows[name].tolist()
        self[name] = values
        return values

    def together(self, *names: str) -> Iterator[tuple[Any, ...]]:
        """The values of some fields, row by row."""
        return zip(*(self[name] for name in names), strict=True)
