"""`python -m tests.cases DIR`: run every case of a folder, and compare it with what is expected beside it."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported: the matrices are small

import click
import structlog
from rich.console import Console
from rich.table import Table

from tests.cases.case import Arrived, Expectation, UnusableCaseError, read_expectation, read_records
from tests.cases.compare import differences
from tests.cases.outcome import outcome_of

HELP = """Run the cases of folders through validation and the engine in memory, and compare.

A case is a file NAME.jsonl, one input record a line, in the order of arrival:

\b
  {"topic": "clicks", "record": {"user_id": "b1", "title": "Red vase"}, "arrives_ms": 1790000000000}
  {"topic": "clicks", "raw_base64": "e30=", "arrives_ms": 1790000001000}

raw_base64 holds the very bytes of a value; arrives_ms is the broker's time. A record may also have a key and headers.
The file NAME.expect.json beside it says what is expected, with any of:

\b
  taken      [true, false]: one boolean a record, null leaves one open; false is a dead letter
  reasons    {"1": "missing-user"}: reason of a refusal by record number, FROM 0 as in `taken`
  shoppers   1: number of profiles that came of it
  snapshots  {"user:b1": {"spend.orders": 1, "brands.0.brand": "Acme"}}: values at the paths of
             a shopper's snapshot; user: and anonymous: are namespaces. A path walks objects by
             key, and lists by number or by the name of an entry (brands.Acme.share). null
             expects that nothing is there; instead of an object, that there is no profile
  absent     ["Ada"]: texts that no output may hold: changes, anomalies, snapshots, state, activity,
             dead letters; raw, as JSON, and out of base64

Without NAME.expect.json a case is run and shown, and expects nothing.
Exits with 0 if all is as expected, 1 for a difference, 2 if a file or folder cannot be used.
"""

_Case = tuple[str, list[Arrived], Expectation]


@click.command(help=HELP)
@click.argument("folders", nargs=-1, required=True, metavar="DIR...", type=click.Path(path_type=Path))
@click.option("--show", is_flag=True, help="Also print what became of each record, and all snapshots.")
def main(folders: tuple[Path, ...], show: bool) -> None:
    """Run all cases, print a table, and exit."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    console = Console(width=max(100, Console().width), highlight=False, markup=False)
    try:
        cases = [case for folder in folders for case in _cases(folder)]
    except UnusableCaseError as error:
        Console(stderr=True, markup=False).print(str(error), soft_wrap=True)
        sys.exit(2)
    table = Table("case", "records", "taken", "profiles", "result", title="Cases", title_justify="left")
    found: list[tuple[str, str]] = []
    for name, arrived, expected in cases:
        with tempfile.TemporaryDirectory() as folder:
            outcome = asyncio.run(outcome_of(arrived, Path(folder)))
        wrong = differences(expected, outcome)
        found += [(name, words) for words in wrong]
        taken = len(arrived) - len(outcome.refused)
        table.add_row(name, str(len(arrived)), str(taken), str(len(outcome.profiles)), "differs" if wrong else "ok")
        if show:
            for number in range(len(arrived)):
                console.print(f"{name} {number}: {': '.join(outcome.refused.get(number, ('taken',)))}", soft_wrap=True)
            for snapshot in outcome.profiles.values():
                console.print_json(data={key: value for key, value in snapshot.items() if key != "vectors"})
    console.print(table)
    for name, words in found:
        console.print(f"{name}: {words}", soft_wrap=True)
    sys.exit(1 if found else 0)


def _cases(folder: Path) -> list[_Case]:
    """The cases of a folder. UnusableCaseError for no folder, no case, or a file that cannot be read."""
    if not folder.is_dir():
        raise UnusableCaseError(f"{folder} is no folder: give one with files NAME.jsonl.")
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise UnusableCaseError(f"{folder} holds no file NAME.jsonl.")
    if lonely := sorted(
        path.name for path in folder.glob("*.expect.json") if not _beside(path, ".expect.json", ".jsonl").exists()
    ):
        raise UnusableCaseError(f"{folder}: {lonely[0]} has no case beside it.")
    cases = []
    for path in files:
        arrived, expected = read_records(path), _beside(path, ".jsonl", ".expect.json")
        wanted = read_expectation(expected, len(arrived)) if expected.exists() else Expectation()
        cases.append((path.name.removesuffix(".jsonl"), arrived, wanted))
    return cases


def _beside(path: Path, end: str, other: str) -> Path:
    return path.with_name(path.name.removesuffix(end) + other)


if __name__ == "__main__":
    main()
