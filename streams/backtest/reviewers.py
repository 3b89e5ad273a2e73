"""The reviewers of Amazon Reviews 2023: their files, their records in the order of time, and their categories."""

from collections.abc import Iterator
from pathlib import Path

import orjson

from profiles.activity import digest64
from streams.backtest.arrivals import Arrival, of_file
from streams.backtest.run import Run
from streams.errors import UserError
from streams.replay.amazon import read_reviews
from streams.replay.files import DataFile
from streams.replay.record import Record, Skipped

SUFFIXES = (".jsonl", ".jsonl.gz")


def files(path: Path) -> list[Path]:
    """The file, or all files of reviewers in the folder, by name. UserError where there are none."""
    found = sorted(one for one in path.iterdir() if one.name.endswith(SUFFIXES)) if path.is_dir() else [path]
    if not found:
        raise UserError(f"{path} has no file that ends with {' or '.join(SUFFIXES)}.", "Check the path.")
    return found


def records(run: Run, skipped: Skipped) -> list[Record]:
    """The purchases and reviews of all files, in the order of time; `run.limit` of them at most."""
    found: list[Record] = []
    for path in files(run.path()):
        with DataFile(path) as file:
            found += read_reviews(file.lines, skipped)
    return sorted(found, key=lambda record: record.time_ms or 0)[: run.limit]


def arrivals(run: Run, taken: list[Record]) -> Iterator[Arrival]:
    """The same as the engine takes them; tells `run` how far they are."""
    for at, arrival in enumerate(of_file(taken)):
        if at % 200 == 0:
            run.progress(at / len(taken))
        yield arrival
