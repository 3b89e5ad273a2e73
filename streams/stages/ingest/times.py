"""Reads the `ts` of an event to epoch milliseconds: RFC 3339, epoch seconds or milliseconds, or compact digits."""

import re
from datetime import UTC, datetime
from math import isfinite

from liveprofile.streams.contract.inputs.common import EARLIEST_MS, FLOOR_YEAR, LAST_YEAR, LATEST_MS
from liveprofile.streams.contract.refusals import Reason, RefusedError

_LONGEST_TEXT = 64
_ZONE_NAME = re.compile(r"[ ]?(?:UTC|GMT|Z)$", re.IGNORECASE)
_SPACED_OFFSET = re.compile(r" (?=[+-]\d\d:?\d\d$)")
_SLASHES = re.compile(r"(\d{4})/(\d{2})/(\d{2})(?!\d)")
_COMPACT = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
"""Formats of a date in digits alone, by their number. Ten digits are epoch seconds."""
_FRACTION = range(15, 21)
"""Digits of a date to the second and a fraction after it."""


def event_time_ms(ts: str | int | float) -> int:
    """Epoch milliseconds of a client's `ts`. A time without an offset is UTC. RefusedError if it is not a time.

    >>> event_time_ms("2025-01-02T03:04:05.678Z") == event_time_ms(1735787045.678) == event_time_ms("1735787045678")
    True
    >>> event_time_ms("2025-01-02 03:04:05 utc") == event_time_ms(20250102030405) == event_time_ms("20250102030405")
    True
    """
    if type(ts) is int and ts * 1000 > LATEST_MS and EARLIEST_MS <= ts <= LATEST_MS:
        return ts  # milliseconds, as most clients send them
    return _within_range(_from_text(ts) if isinstance(ts, str) else _from_number(ts))


def _from_text(text: str) -> int:
    text = text.strip()
    if len(text) > _LONGEST_TEXT:
        raise RefusedError(Reason.BAD_TIME, f"ts is a text of {len(text)} characters, which is no time.")
    if text.isascii() and text.isdigit():
        return _from_digits(text)
    try:
        moment = datetime.fromisoformat(_as_iso(text))
    except ValueError:
        return _from_decimal(text)
    try:
        return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise _implausible() from None


def _as_iso(text: str) -> str:
    """RFC 3339 as Python reads it: zones by name become an offset, and dates with slashes have hyphens."""
    named = _ZONE_NAME.sub("+00:00", _SLASHES.sub(r"\1-\2-\3", text, count=1))
    if named.endswith("+00:00") and re.search(r"[+-]\d\d:?\d\d ?\+00:00$", named):  # an offset, and UTC beside it
        named = named.removesuffix("+00:00").rstrip()
    return _SPACED_OFFSET.sub("", named)


def _from_digits(digits: str) -> int:
    """Epoch seconds or milliseconds if they are plausible, else a date in compact digits."""
    ms = _epoch_ms(int(digits))
    return ms if EARLIEST_MS <= ms <= LATEST_MS else _compact_ms(digits, otherwise=ms)


def _compact_ms(digits: str, otherwise: int) -> int:
    fraction = digits[14:] if len(digits) in _FRACTION else ""
    date = digits[:14] if fraction else digits
    form = _COMPACT.get(len(date))
    try:
        moment = datetime.strptime(date, form).replace(tzinfo=UTC) if form else None
    except ValueError:
        moment = None
    if moment is None:
        return otherwise
    return round(moment.timestamp()) * 1000 + (round(float(f"0.{fraction}") * 1000) if fraction else 0)


def _from_decimal(text: str) -> int:
    try:
        return _from_number(float(text))
    except ValueError:
        raise RefusedError(Reason.BAD_TIME) from None


def _from_number(number: int | float) -> int:
    if isinstance(number, float) and not isfinite(number * 1000):
        raise RefusedError(Reason.BAD_TIME, "ts is not a finite number.")
    if number == int(number) and 0 < number < 10**20:
        return _from_digits(str(int(number)))
    return _epoch_ms(number)


def _epoch_ms(number: int | float) -> int:
    """Seconds if they are in the plausible years, else milliseconds."""
    return round(number * 1000) if number * 1000 <= LATEST_MS else round(number)


def _within_range(ms: int) -> int:
    if EARLIEST_MS <= ms <= LATEST_MS:
        return ms
    raise _implausible()


def _implausible() -> RefusedError:
    return RefusedError(
        Reason.BAD_TIME,
        f"ts lies before {FLOOR_YEAR} or after {LAST_YEAR}: send RFC 3339, epoch seconds or epoch milliseconds.",
    )
