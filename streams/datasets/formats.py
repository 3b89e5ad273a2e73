"""The formats for replay: their readers, and whether the file is in the order of time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from liveprofile.streams.datasets import (
    amazon,
    amazon_2018,
    card_fraud,
    cdnow,
    complete_journey,
    household,
    jsonl,
    online_retail,
    rees46,
    retailrocket,
    taobao,
    ubi,
)
from liveprofile.streams.datasets.files import DataFile
from liveprofile.streams.datasets.record import Record, Skipped
from liveprofile.streams.errors import UserError

Reader = Callable[[TextIO, Skipped, Path], Iterator[Record]]


@dataclass(frozen=True, slots=True)
class Format:
    """A file format; its reader gets the open file, the counter of skipped rows, and the file's path."""

    read: Reader
    in_time_order: bool
    """If false, all records are read and sorted before the first is sent."""
    words: str
    by_shopper: bool = False
    """Whether the file is ordered by shopper: a limit then takes the first shoppers, not the first days."""


def _read_amazon(lines: TextIO, skipped: Skipped, path: Path) -> Iterator[Record]:
    """All kinds of Amazon files, distinguished by their extension."""
    if ".csv" in path.suffixes:
        return amazon.read_next_items(lines, skipped)
    if ".jsonl" in path.suffixes:
        return amazon.read_reviews(lines, skipped)
    if ".json" in path.suffixes:
        return amazon_2018.read(lines, skipped, _amazon_products(path))
    raise UserError(
        f"{path.name} is not an Amazon file.",
        "Give a next-item table (.csv), Reviews 2023 (.jsonl) or Reviews 2018 (.json).",
    )


def _amazon_products(path: Path) -> amazon_2018.Products:
    """Products from the metadata file of Reviews 2018: meta_X in the same folder as X or X_5; {} without it."""
    stem, ends = path.name.split(".", 1)
    beside = _beside(path, f"meta_{stem.removesuffix('_5')}", (f".{ends}", ".json", ".json.gz"))
    if beside is None:
        return {}
    with DataFile(path) as file:
        wanted = amazon_2018.read_asins(file.lines)
    with DataFile(beside) as file:
        return amazon_2018.read_products(file.lines, wanted)


def _read_retailrocket(lines: TextIO, skipped: Skipped, path: Path) -> Iterator[Record]:
    """Events, with the categories of items and their tree if those files are in the same folder."""
    tree: retailrocket.Tree = {}
    if beside := _beside(path, "category_tree"):
        with DataFile(beside) as file:
            tree = retailrocket.read_tree(file.lines)
    categories = retailrocket.Categories(tree)
    for name in ("item_properties_part1", "item_properties_part2"):
        if beside := _beside(path, name):
            with DataFile(beside) as file:
                categories.add(file.lines)
    return retailrocket.read(lines, skipped, categories)


def _read_complete_journey(lines: TextIO, skipped: Skipped, path: Path) -> Iterator[Record]:
    """Transactions with the products, and with the demographics if that file is in the same folder."""
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


def _beside(path: Path, name: str, ends: Sequence[str] = (".csv", ".csv.gz")) -> Path | None:
    return next((file for end in ends if (file := path.with_name(name + end)).exists()), None)


FORMATS: dict[str, Format] = {
    "online-retail": Format(lambda f, s, _: online_retail.read(f, s), True, "UCI Online Retail, CSV"),
    "rees46": Format(lambda f, s, _: rees46.read(f, s), True, "REES46 multi-category store, CSV"),
    "ubi": Format(lambda f, s, _: ubi.read(f, s), False, "OpenSearch User Behavior Insights, newline JSON"),
    "taobao": Format(lambda f, s, _: taobao.read(f, s), False, "Taobao UserBehavior, CSV", by_shopper=True),
    "retailrocket": Format(_read_retailrocket, False, "RetailRocket events.csv"),
    "amazon": Format(_read_amazon, False, "Amazon next-item table (.csv), Reviews 2018 (.json) or 2023 (.jsonl)"),
    "complete-journey": Format(_read_complete_journey, False, "dunnhumby Complete Journey, CSV"),
    "cdnow": Format(lambda f, s, _: cdnow.read(f, s), False, "CDNOW_master.txt", by_shopper=True),
    "card-fraud": Format(lambda f, s, _: card_fraud.read(f, s), True, "Fraud Detection Handbook, CSV"),
    "jsonl": Format(lambda f, s, _: jsonl.read(f, s), True, "this project's records with a field `topic`"),
}
"""Format by the name that --format takes."""
