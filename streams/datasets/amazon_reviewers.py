"""The reviewers of Amazon Reviews 2023 and 2018: their files, and their records in the order of time."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson

from liveprofile.streams.datasets.amazon import read_reviews
from liveprofile.streams.datasets.files import DataFile
from liveprofile.streams.datasets.formats import FORMATS
from liveprofile.streams.datasets.reading import read_file
from liveprofile.streams.datasets.record import Record, Skipped
from liveprofile.streams.errors import UserError

SUFFIXES = (".jsonl", ".jsonl.gz")


def read_lines(path: Path) -> Iterator[str]:
    """The lines of the file, or of all such files in the folder, by name. UserError if there are none."""
    found = sorted(one for one in path.iterdir() if one.name.endswith(SUFFIXES)) if path.is_dir() else [path]
    if not found:
        raise UserError(f"{path} has no file that ends with {' or '.join(SUFFIXES)}.", "Check the path.")
    for one in found:
        with DataFile(one) as file:
            yield from file.lines


def read_all(path: Path, limit: int | None) -> list[Record]:
    """The records of `path` in the order of time: a .json file is of 2018, others are of 2023."""
    if path.is_dir() or path.name.endswith(SUFFIXES):
        return records(read_lines(path), limit)
    with DataFile(path) as file:
        return list(read_file(file, path, FORMATS["amazon"], Skipped(), limit))


def records(lines: Iterable[str], limit: int | None) -> list[Record]:
    """The purchases and reviews in the order of time, at most `limit`."""
    return sorted(read_reviews(lines, Skipped()), key=lambda record: record.time_ms or 0)[:limit]


def one_by_category(lines: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Each line with a shopper's name and category: a person with lines in several categories is one shopper in each.

    Unreadable lines are left out.
    """
    for line in lines:
        try:
            user = orjson.loads(line)
            category = str(user["category"])
            name = f"{user['user_id']}/{category}"
        except (orjson.JSONDecodeError, KeyError, TypeError):
            continue
        yield orjson.dumps(user | {"user_id": name}).decode(), name, category
