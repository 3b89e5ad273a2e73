"""Reads a file of a data set whole: its records in the order of time, and when the last of them is."""

import zlib
from collections.abc import Iterator
from gzip import BadGzipFile
from itertools import islice
from pathlib import Path

from liveprofile.streams.datasets.files import DataFile
from liveprofile.streams.datasets.formats import Format
from liveprofile.streams.datasets.record import Record, Skipped
from liveprofile.streams.errors import UserError


def read_file(file: DataFile, path: Path, form: Format, skipped: Skipped, limit: int | None = None) -> Iterator[Record]:
    """The records of a file in the order of time, `limit` at most; a file in another order is read whole and sorted."""
    try:
        records = form.read(file.lines, skipped, path)
        if form.by_shopper:
            records = islice(records, limit)
        if not form.in_time_order:
            records = iter(sorted(records, key=_time_or_zero))
        yield from islice(records, limit)
    except (EOFError, BadGzipFile, zlib.error) as error:
        raise UserError(f"{path.name} is not a complete gzip file: {error}.", "Fetch it again.") from error


def last_time_ms(path: Path, form: Format, limit: int | None = None) -> int | None:
    """The latest time among the records that would be sent, found by reading the file once; None without any time."""
    with DataFile(path) as file:
        times = (record.time_ms for record in read_file(file, path, form, Skipped(), limit))
        return max((when for when in times if isinstance(when, int)), default=None)


def _time_or_zero(record: Record) -> int:
    when = record.time_ms
    return when if isinstance(when, int) else 0
