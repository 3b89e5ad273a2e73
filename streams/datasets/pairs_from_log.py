"""Pairs from the log of a shop: a query and a chosen item of its session, an item and the same user's next one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from liveprofile.models.train.pairs import Pair
from liveprofile.streams.datasets.files import DataFile
from liveprofile.streams.datasets.formats import FORMATS
from liveprofile.streams.datasets.pair_file import is_fit, one_line
from liveprofile.streams.datasets.reading import read_file
from liveprofile.streams.datasets.record import CLICKS, PURCHASES, SEARCHES, Record, Skipped
from liveprofile.streams.errors import UserError

SESSION_MS = 30 * 60_000
"""Without session ids: the longest time from a query to a choice."""
CHOSEN = frozenset({"click", "cart", "favourite", "share"})
"""Actions that show interest in an item; a view alone may be an impression."""
ENDINGS = (".jsonl", ".ndjson", ".json", ".csv")


@dataclass(slots=True)
class _Shopper:
    """The last actions of one user."""

    query: str = ""
    session: str = ""
    asked_ms: int = 0
    title: str = ""


@dataclass
class LogPairs:
    """Makes pairs from records in the order of time; equal pairs of one user count once."""

    skipped: Skipped = field(default_factory=Skipped)
    _shoppers: dict[str, _Shopper] = field(default_factory=dict)
    _seen: set[Pair] = field(default_factory=set)

    def of(self, records: Iterable[Record]) -> Iterator[Pair]:
        """Yield pairs grouped by user."""
        for record in records:
            user = str(record.fields.get("user_id") or record.fields.get("anonymous_id") or "")
            if not user:
                self.skipped["a record without a user"] += 1
            elif record.topic == SEARCHES:
                self._search(user, record)
            else:
                yield from self._choices(user, record)

    def _search(self, user: str, record: Record) -> None:
        """A new query replaces the previous one."""
        shopper = self._shoppers.setdefault(user, _Shopper())
        shopper.query = one_line(str(record.fields.get("query") or ""))
        shopper.session = str(record.fields.get("session_id") or "")
        shopper.asked_ms = record.time_ms or 0

    def _choices(self, user: str, record: Record) -> Iterator[Pair]:
        shopper = self._shoppers.setdefault(user, _Shopper())
        for title in _titles(record):
            if shopper.query and _in_session(shopper, record):
                yield from self._pair(shopper.query, title, user)
            if shopper.title:
                yield from self._pair(shopper.title, title, user)
            shopper.title = title

    def _pair(self, anchor: str, positive: str, user: str) -> Iterator[Pair]:
        pair = Pair(anchor, positive, user)
        if pair not in self._seen and is_fit(pair, self.skipped):
            self._seen.add(pair)
            yield pair


def read_log(path: Path, form: str, limit: int | None, seed: int, skipped: Skipped) -> list[Pair]:
    """The pairs of a file, or of all data files of a folder together, in the order of time.

    `limit` keeps at most so many, drawn by `seed`. UserError without a file or without pairs.
    """
    records = [record for file in _files(path) for record in _read(file, form, skipped)]
    records.sort(key=lambda record: record.time_ms or 0)
    pairs = list(LogPairs(skipped).of(records))
    if not pairs:
        raise UserError(
            f"{path} gives no pair.",
            "Pairs need clicks or purchases with a title, after a search or another item of the same user.",
        )
    if limit is not None and len(pairs) > limit:
        kept = sorted(Random(f"{seed}/{path.name}").sample(range(len(pairs)), limit))
        pairs = [pairs[place] for place in kept]
    return pairs


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.iterdir() if file.name.removesuffix(".gz").endswith(ENDINGS))
    if not files:
        raise UserError(f"{path} has no data file ({', '.join(ENDINGS)}, plain or .gz).", "Name the right folder.")
    return files


def _read(path: Path, form: str, skipped: Skipped) -> Iterator[Record]:
    with DataFile(path) as file:
        yield from read_file(file, path, FORMATS[form], skipped)


def _titles(record: Record) -> list[str]:
    """The titles of the chosen items in a record, in order."""
    fields: dict[str, Any] = record.fields
    if record.topic == CLICKS and fields.get("action", "view") in CHOSEN:
        items = [fields]
    elif record.topic == PURCHASES and fields.get("kind", "purchase") == "purchase":
        items = fields.get("items") or []
    else:
        items = []
    return [title for item in items if (title := one_line(str(item.get("title") or "")))]


def _in_session(shopper: _Shopper, record: Record) -> bool:
    """Whether a choice belongs to the session of the query: by session id if both have one, else by time."""
    session = str(record.fields.get("session_id") or "")
    if session and shopper.session:
        return session == shopper.session
    return 0 <= (record.time_ms or 0) - shopper.asked_ms <= SESSION_MS
