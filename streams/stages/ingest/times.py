"""Reads the `ts` of an event: RFC 3339, epoch seconds or epoch milliseconds, to epoch milliseconds."""

from datetime import UTC, datetime
from math import isfinite

from liveprofile.streams.contract.refusals import Reason, RefusedError

EARLIEST_MS = 788_918_400_000
"""1995-01-01. Nobody shopped on the web before: an earlier time comes from a clock that was never set."""
LATEST_MS = 253_402_300_799_999
"""The last millisecond of the year 9999. A future time is clamped at arrival; a later one is not a time."""
SECONDS_BELOW = 100_000_000_000
"""A smaller number is seconds (up to the year 5138), a larger one milliseconds (from 1973 on)."""


def event_time_ms(ts: str | int | float) -> int:
    """Epoch milliseconds of a client's `ts`. A time without an offset is UTC. RefusedError if it is not a time.

    >>> event_time_ms("2025-01-02T03:04:05.678Z") == event_time_ms(1735787045.678) == event_time_ms("1735787045678")
    True
    """
    if isinstance(ts, str):
        return _within_range(_from_text(ts))
    return _within_range(_from_number(ts))


def _from_text(text: str) -> int:
    text = text.strip()
    if len(text) > 64:
        raise RefusedError(Reason.BAD_TIME, f"ts is a text of {len(text)} characters, which is no time.")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _from_digits(text)
    if text.isdigit():
        return _from_digits(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def _from_digits(text: str) -> int:
    try:
        return _from_number(float(text))
    except ValueError:
        raise RefusedError(Reason.BAD_TIME) from None


def _from_number(number: int | float) -> int:
    if isinstance(number, float) and not isfinite(number):
        raise RefusedError(Reason.BAD_TIME, "ts is not a finite number.")
    return round(number * 1000 if -SECONDS_BELOW < number < SECONDS_BELOW else number)


def _within_range(ms: int) -> int:
    if EARLIEST_MS <= ms <= LATEST_MS:
        return ms
    raise RefusedError(Reason.BAD_TIME, "ts lies before 1995 or after 9999: send epoch seconds or milliseconds.")
