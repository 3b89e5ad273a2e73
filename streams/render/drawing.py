"""Parts of panels: bars, sparklines, and numbers, money and times as text."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

BAR_WIDTH = 8
_BLOCKS = " ▏▎▍▌▋▊▉█"
_HEIGHTS = " ▁▂▃▄▅▆▇█"
_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def bar(share: float, width: int = BAR_WIDTH) -> str:
    """A share of 1 as a bar in eighths of a character.

    >>> bar(0.5, 4), bar(0.03125, 4), bar(2.0, 4)
    ('██  ', '▏   ', '████')
    """
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    whole, rest = divmod(eighths, 8)
    return ("█" * whole + (_BLOCKS[rest] if rest else "")).ljust(width)


def sparkline(shares: Sequence[float]) -> str:
    """Shares as a line of columns, the largest one full.

    >>> sparkline([0.0, 0.1, 0.2])
    ' ▄█'
    """
    top = max(shares, default=0.0)
    return "".join(_HEIGHTS[0 if top <= 0 or s <= 0 else max(1, round(s / top * 8))] for s in shares)


def moment(value: Any) -> datetime | None:
    """A time of the snapshot: RFC 3339, or epoch milliseconds."""
    try:
        if isinstance(value, str):
            return datetime.fromisoformat(value).astimezone(UTC)
        return datetime.fromtimestamp(value / 1000, UTC) if value else None
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def ago(value: Any, now: datetime) -> str:
    """How long ago, in its largest unit.

    >>> ago("2026-01-01T10:00:00Z", datetime(2026, 1, 1, 12, 30, tzinfo=UTC))
    '2 hours ago'
    """
    then = moment(value)
    if then is None:
        return "never"
    seconds = (now - then).total_seconds()
    if -2 < seconds < 2:
        return "just now"
    size, unit = next(((size, unit) for size, unit in _UNITS if abs(seconds) >= size), (1, "second"))
    count = int(abs(seconds) // size)
    words = f"{count} {unit}{'s' if count != 1 else ''}"
    return f"{words} ago" if seconds > 0 else f"in {words}"


def count(value: Any) -> str:
    """A count; a small decayed one with one decimal."""
    number = float(value or 0)
    return f"{number:,.0f}" if number >= 10 or number == int(number) else f"{number:.1f}"


def counted(value: Any, thing: str) -> str:
    """A count with its noun."""
    return f"{count(value)} {thing}{'' if value == 1 else 's'}"


def money(value: Any) -> str:
    return f"{float(value or 0):,.2f}"
