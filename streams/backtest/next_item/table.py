"""A next-item data set: two tables of rows, and the items that can be recommended."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import orjson

from liveprofile.streams.datasets.amazon import NextItem, item_name, next_item_rows
from liveprofile.streams.datasets.files import DataFile
from liveprofile.streams.datasets.record import Skipped
from liveprofile.streams.errors import UserError

SPLITS = ("valid", "test")


@dataclass(frozen=True, slots=True)
class Product:
    """The description of an item in the data set."""

    title: str
    brand: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class NextItems:
    """Rows in the order of the replay, and all candidates."""

    name: str
    splits: Mapping[str, list[NextItem]]
    products: dict[str, Product]
    """By item id."""
    skipped: Skipped

    @property
    def rows(self) -> list[NextItem]:
        """All rows in their order."""
        return [row for split in SPLITS for row in self.splits[split]]


def read_next_item_files(folder: Path, stem: str | None, limit: int | None = None) -> NextItems:
    """Read `<stem>.valid.csv` and `<stem>.test.csv` of a folder, and the items' list if it lies there.

    Any of the files may be gzipped. `limit` is the largest number of rows of each table. UserError if a table is
    missing.
    """
    stem = stem or _only_stem(folder)
    skipped = Skipped()
    splits = {}
    for split in SPLITS:
        with DataFile(_need(folder, f"{stem}.{split}.csv")) as file:
            splits[split] = list(islice(next_item_rows(file.lines, skipped), limit))
    if not all(splits.values()):
        raise UserError(f"A table of {stem} has no rows.", "Is it whole? Fetch it again.")
    met = {item: title for rows in splits.values() for row in rows for item, title in (*row.history, row.item)}
    products = {item: Product(title) for item, title in met.items()}
    return NextItems(stem, splits, products | _listed(folder, stem), skipped)


def _only_stem(folder: Path) -> str:
    ending = ".test.csv"
    stems = sorted({path.name.partition(ending)[0] for path in folder.glob(f"*{ending}*")})
    if len(stems) == 1:
        return stems[0]
    found = f"files of {', '.join(stems)}" if stems else f"no file that ends in {ending}"
    raise UserError(f"{folder} has {found}.", "Choose one: --name STEM.")


def _find(folder: Path, name: str) -> Path | None:
    return next((path for end in ("", ".gz") if (path := folder / f"{name}{end}").exists()), None)


def _need(folder: Path, name: str) -> Path:
    found = _find(folder, name)
    if found is None:
        raise UserError(f"There is no {name} in {folder}, nor {name}.gz.", "Give the folder and the files' stem.")
    return found


def _listed(folder: Path, stem: str) -> dict[str, Product]:
    """Items of the lists beside the tables: titles (`.info.txt`), or titles and brands (`.item.json`)."""
    products: dict[str, Product] = {}
    if path := _find(folder, f"{stem}.info.txt"):
        products |= dict(_titles(path))
    if path := _find(folder, f"{stem}.item.json"):
        with DataFile(path) as file:
            products |= {item_name(item): _product(one) for item, one in orjson.loads(file.lines.read()).items()}
    return products


def _titles(path: Path) -> Iterator[tuple[str, Product]]:
    """Lines of semantic id, title and item id, between tabs."""
    with DataFile(path) as file:
        for line in csv.reader(file.lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if len(line) == 3:
                yield item_name(line[2]), Product(line[1])


def _product(one: Mapping[str, str]) -> Product:
    return Product(one.get("title") or "", one.get("brand") or None, one.get("categories") or None)
