"""Reads CSV rows, and refuses a file without the format's columns."""

import csv
from collections.abc import Iterable, Iterator

from liveprofile.streams.datasets.record import Skipped
from liveprofile.streams.errors import UserError

Row = dict[str, str]

csv.field_size_limit(1 << 24)


def rows(lines: Iterable[str], skipped: Skipped, *columns: str) -> Iterator[Row]:
    """Rows with all `columns`. UserError if the header does not have them.

    >>> list(rows(["a,b", "1,2", "3"], Skipped(), "a", "b"))
    [{'a': '1', 'b': '2'}]
    """
    table = csv.DictReader(lines)
    missing = [name for name in columns if name not in (table.fieldnames or ())]
    if missing:
        raise UserError(f"The file has no column {', '.join(missing)}.", "Is it a file of this format?")
    for row in table:
        if any(row[name] is None for name in columns):
            skipped["a row with too few columns"] += 1
        else:
            yield row
