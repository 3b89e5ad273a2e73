"""Reads the file of exchange rates, and reads it again when it has changed."""

import csv
import time
from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction
from pathlib import Path

import structlog

from liveprofile.streams.contract.currencies import CURRENCIES
from liveprofile.streams.errors import UserError
from liveprofile.streams.file_version import version_of
from liveprofile.streams.stages.ingest.exchange import Exchange, Rates

COLUMNS = ("date", "currency", "rate")
MOST_ROWS = 1_000_000
LARGEST = 10**9
"""A rate lies above 0 and up to it."""
LOOK_S = 60.0
"""Time between two looks at whether the file has changed."""
_EPOCH = date(1970, 1, 1).toordinal()

log = structlog.get_logger(__name__)


class RatesError(UserError):
    """A file of exchange rates that cannot be used."""

    next_step = "Put right the line that the message names: it is date,currency,rate, such as 2026-11-30,GBP,1.1432."


class ExchangeFile:
    """The exchange rates of a file. A changed file that cannot be read leaves the rates as they were, with an error."""

    def __init__(
        self, path: Path, currency: str, most_days: float, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        """RatesError for a file that cannot be used."""
        self.exchange = Exchange(currency, read_rates(path, currency), most_days)
        self._path, self._clock_s = path, clock_s
        self._version, self._due_s = version_of(path), clock_s() + LOOK_S

    def refresh(self) -> None:
        """Read the file again if a minute has passed and it has changed."""
        if self._clock_s() < self._due_s:
            return
        self._due_s = self._clock_s() + LOOK_S
        version = version_of(self._path)
        if version == self._version:
            return
        self._version = version
        try:
            self.exchange.rates = read_rates(self._path, self.exchange.currency)
        except RatesError as error:
            log.error("exchange rates cannot be read: those of before stay", error=error.message, next=error.next_step)
        else:
            log.info("exchange rates were read again", currencies=len(self.exchange.rates))


def read_rates(path: Path, currency: str) -> dict[str, Rates]:
    """The rates of a CSV file with the columns date, currency and rate. RatesError names the line that is wrong."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _read(path.name, file, currency)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RatesError(
            f"The exchange rates in {path} cannot be read: {error}.", "Set ingest.exchange_rates to a CSV file."
        ) from None


def _read(name: str, lines: Iterable[str], currency: str) -> dict[str, Rates]:
    found: dict[str, dict[int, Fraction]] = {}
    rows = csv.reader(lines)
    header = [column.strip().lower() for column in next(rows, [])]
    if header != list(COLUMNS):
        raise RatesError(f"The first line of {name} has to be {','.join(COLUMNS)}.", RatesError.next_step)
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        place = f"{name}, line {rows.line_num}"
        if rows.line_num > MOST_ROWS:
            raise RatesError(f"{name} has more than {MOST_ROWS:,} lines.", "Leave out days long past.")
        if len(row) != len(COLUMNS):
            raise RatesError(f"{place} has {len(row)} columns instead of {len(COLUMNS)}.", RatesError.next_step)
        day, code, rate = _day(place, row[0]), _code(place, row[1], currency), _rate(place, row[2])
        if day in found.setdefault(code, {}):
            raise RatesError(f"{place} has a second rate of {code} for its date.", RatesError.next_step)
        found[code][day] = rate
    return {code: _sorted(by_day) for code, by_day in found.items()}


def _sorted(by_day: dict[int, Fraction]) -> Rates:
    days = sorted(by_day)
    return Rates(days, [by_day[day] for day in days])


def _day(place: str, text: str) -> int:
    try:
        return date.fromisoformat(text.strip()).toordinal() - _EPOCH
    except ValueError:
        raise RatesError(f"{place}: the date is none, such as 2026-11-30.", RatesError.next_step) from None


def _code(place: str, text: str, currency: str) -> str:
    code = text.strip().upper()
    if code not in CURRENCIES:
        raise RatesError(f"{place}: the currency is no code of ISO 4217.", RatesError.next_step)
    if code == currency:
        raise RatesError(f"{place} has a rate of {code}, the shop's own currency.", "Leave the line out.")
    return code


def _rate(place: str, text: str) -> Fraction:
    try:
        rate = Fraction(text.strip()) if len(text) <= 40 and "/" not in text else None
    except ValueError:
        rate = None
    if rate is None or not 0 < rate <= LARGEST:
        raise RatesError(
            f"{place}: the rate is no number above 0 and up to {LARGEST:,}, with a point.", RatesError.next_step
        )
    return rate
