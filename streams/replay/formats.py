"""The formats that can be replayed: which reader, and whether the file is in the order of time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from streams.errors import UserError
from streams.replay import amazon, card_fraud, complete_journey, household, jsonl, online_retail, rees46, ubi
from streams.replay.files import DataFile
from streams.replay.record import Record, Skipped

Reader = Callable[[TextIO, Skipped, Path], Iterator[Record]]


@dataclass(frozen=True, slots=True)
class Format:
    """A file format; a reader is given the open file, the count of what it skips, and the file's path."""

    read: Reader
    in_time_order: bool
    """Otherwise all records are read and sorted before the first is sent."""
    words: str


def _read_amazon(lines: TextIO, skipped: Skipped, path: Path) -> Iterator[Record]:
    """Both kinds of Amazon file, told apart by their extension."""
    if ".csv" in path.suffixes:
        return amazon.read_next_items(lines, skipped)
    if ".jsonl" in path.suffixes:
        return amazon.read_reviews(lines, skipped)
    raise UserError(
        f"{path.name} is neither kind of Amazon file.", "Give a next-item table (.csv) or Reviews 2023 (.jsonl)."
    )


def _read_complete_journey(lines: TextIO, skipped: Skipped, path: Path) -> Iterator[Record]:
    """Transactions, with the products that lie beside them, and with the demographics if they do, too."""
    beside = _beside(path, "products")
    if beside is None:
        raise UserError(f"There is no products.csv beside {path.name}.", "Put products.csv or products.csv.gz there.")
    with DataFile(beside) as file:
        products = complete_journey.read_products(file.lines)
    declared: dict[str, household.Attributes] = {}
    if people := _beside(path, "demographics"):
        with DataFile(people) as file:
            declared = household.read_demographics(file.lines)
    return complete_journey.read(lines, skipped, products, declared)


def _beside(path: Path, name: str) -> Path | None:
    return next((file for end in (".csv", ".csv.gz") if (file := path.with_name(name + end)).exists()), None)


FORMATS: dict[str, Format] = {
    "online-retail": Format(lambda f, s, _: online_retail.read(f, s), True, "UCI Online Retail, CSV"),
    "rees46": Format(lambda f, s, _: rees46.read(f, s), True, "REES46 multi-category store, CSV"),
    "ubi": Format(lambda f, s, _: ubi.read(f, s), False, "OpenSearch User Behavior Insights, newline JSON"),
    "amazon": Format(_read_amazon, False, "Amazon next-item table (CSV) or Reviews 2023 (JSON lines)"),
    "complete-journey": Format(_read_complete_journey, False, "dunnhumby Complete Journey, CSV"),
    "card-fraud": Format(lambda f, s, _: card_fraud.read(f, s), True, "Fraud Detection Handbook, CSV"),
    "jsonl": Format(lambda f, s, _: jsonl.read(f, s), True, "this project's records with a field `topic`"),
}
"""Format by the name that --format takes."""
