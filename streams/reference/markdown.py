"""Tables in Markdown."""

from collections.abc import Iterable, Sequence

Row = Sequence[object]


def table(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """A table in Markdown; a bar within a cell is escaped.

    >>> print(table(["name", "meaning"], [["`a`", "x|y"]]), end="")
    | name | meaning |
    | --- | --- |
    | `a` | x\\|y |
    """
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)
