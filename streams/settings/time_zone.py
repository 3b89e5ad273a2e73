"""Reads a time zone from the system's database into the table that the core works with."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from liveprofile.profiles.numeric.local_time import LocalTime
from liveprofile.streams.contract.inputs.common import FLOOR_YEAR, LAST_YEAR

STEP = timedelta(hours=12)
"""Two changes of an offset lie farther apart."""
_SECOND = timedelta(seconds=1)


@lru_cache(maxsize=8)
def local_time(name: str) -> LocalTime:
    """The offsets of a time zone over all times that an event may have. ValueError for an unknown name.

    >>> local_time("Europe/Berlin").offsets[:2]
    ((788918400000, 3600000), (796179600000, 7200000))
    """
    try:
        zone = ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        near = get_close_matches(name, available_timezones(), 1)
        hint = f"did you mean {near[0]}" if near else "without the system's database, install the package tzdata"
        raise ValueError(f"timezone {name!r} is none of the IANA database: {hint}") from None
    return LocalTime(name, tuple(_changes(zone)))


def _changes(zone: ZoneInfo) -> Iterator[tuple[int, int]]:
    """The offset at the beginning, and each change with its time, in milliseconds."""
    time, end = datetime(FLOOR_YEAR, 1, 1, tzinfo=UTC), datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC)
    offset = _offset(zone, time)
    yield _ms(time), offset
    while time < end:
        later = time + STEP
        changed = _offset(zone, later)
        if changed != offset:
            yield _ms(_first_with(zone, time, later, changed)), changed
        time, offset = later, changed


def _first_with(zone: ZoneInfo, before: datetime, after: datetime, offset: int) -> datetime:
    """The second at which the offset changes, between a time before and one after it."""
    while after - before > _SECOND:
        middle = before + timedelta(seconds=(after - before) // _SECOND // 2)
        before, after = (before, middle) if _offset(zone, middle) == offset else (middle, after)
    return after


def _offset(zone: ZoneInfo, time: datetime) -> int:
    found = time.astimezone(zone).utcoffset()
    return 0 if found is None else found // timedelta(milliseconds=1)


def _ms(time: datetime) -> int:
    return int(time.timestamp()) * 1000
