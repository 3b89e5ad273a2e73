"""Reads the demographics of dunnhumby Complete Journey as declarations of its households, in our vocabulary."""

import re
from collections.abc import Iterable, Iterator, Mapping

from liveprofile.streams.datasets.record import DECLARATIONS, Record, Skipped, utc_ms
from liveprofile.streams.datasets.table import Row, rows

Attributes = dict[str, str | int]
"""Values by attribute, as in declarations of the contract."""

COLUMNS = ("household_id", "age", "income", "home_ownership", "household_size", "kids_count")
_HOMES = {"Homeowner": "owner", "Renter": "renter"}
_LOWEST = re.compile(r"\d+")
_THOUSAND = 1000


def read_demographics(lines: Iterable[str]) -> dict[str, Attributes]:
    """The attributes of each household; "5+" people are 5, and a probable owner has no value."""
    return {row["household_id"]: _attributes(row) for row in rows(lines, Skipped(), *COLUMNS)}


def declarations(baskets: Iterable[list[Row]], declared: Mapping[str, Attributes]) -> Iterator[Record]:
    """One declaration per household with a basket, at the time of its first one."""
    first: dict[str, int] = {}
    for basket in baskets:
        household, when = basket[0]["household_id"], utc_ms(basket[0]["transaction_timestamp"])
        first[household] = min(when, first.get(household, when))
    for household, when in first.items():
        if attributes := declared.get(household):
            user = f"household-{household}"
            fields = {"event_id": f"journey-{user}", "user_id": user, "ts": when, "attributes": attributes}
            yield Record(DECLARATIONS, user, fields)


def _attributes(row: Row) -> Attributes:
    income = 0 if row["income"].startswith("Under") else _lowest(row["income"])
    found: dict[str, str | int | None] = {
        "age_band": _lowest(row["age"]),
        "income_band": None if income is None else income * _THOUSAND,
        "home_ownership": _HOMES.get(row["home_ownership"]),
        "household_size": _lowest(row["household_size"]),
        "children": _lowest(row["kids_count"]),
    }
    return {name: value for name, value in found.items() if value is not None}


def _lowest(band: str) -> int | None:
    """The lower end of a band.

    >>> _lowest("35-49K"), _lowest("65+"), _lowest("")
    (35, 65, None)
    """
    number = _LOWEST.search(band)
    return int(number[0]) if number else None
