"""Reads pairs of texts from JSON lines or CSV, plain or .gz, with `anchor`, `positive` and optionally `group`."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson

from liveprofile.models.train.pairs import Pair
from liveprofile.streams.datasets.files import DataFile
from liveprofile.streams.datasets.record import Skipped
from liveprofile.streams.datasets.table import rows
from liveprofile.streams.errors import UserError

FIELDS = ("anchor", "positive")
UNFIT = "a pair with an empty text, or of a text with itself"


def read_pairs(path: Path, skipped: Skipped) -> list[Pair]:
    """The pairs of `path`, CSV by its extension; other lines are counted as skipped. UserError without any pair."""
    with DataFile(path) as file:
        found = _from_csv(file.lines, skipped) if ".csv" in path.suffixes else _from_json(file.lines, skipped)
        pairs = [pair for pair in map(_tidy, found) if is_fit(pair, skipped)]
    if not pairs:
        raise UserError(f"{path} has no pair.", 'Each line must be like {"anchor": "red pan", "positive": "…"}.')
    return pairs


def is_fit(pair: Pair, skipped: Skipped) -> bool:
    """Whether a pair has two texts that differ in more than case; counts it as skipped if not."""
    fit = bool(pair.anchor and pair.positive) and pair.anchor.casefold() != pair.positive.casefold()
    skipped[UNFIT] += not fit
    return fit


def one_line(text: str) -> str:
    """A text without line breaks and repeated or outer spaces.

    >>> one_line("  red \\n pan ")
    'red pan'
    """
    return " ".join(text.split())


def _from_json(lines: Iterable[str], skipped: Skipped) -> Iterator[Pair]:
    for line in lines:
        if not line.strip():
            continue
        try:
            fields = orjson.loads(line)
            yield Pair(fields["anchor"], fields["positive"], str(fields.get("group") or ""))
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            skipped["not a JSON object with anchor and positive"] += 1


def _from_csv(lines: Iterable[str], skipped: Skipped) -> Iterator[Pair]:
    for row in rows(lines, skipped, *FIELDS):
        yield Pair(row["anchor"], row["positive"], row.get("group") or "")


def _tidy(pair: Pair) -> Pair:
    return Pair(one_line(str(pair.anchor)), one_line(str(pair.positive)), pair.group)
