"""Numbers of records as text, also of unknown kinds of record."""

from typing import Any, TypeGuard


def percent(value: Any) -> str:
    """A share in percent; empty for a value that is not a number.

    >>> percent(0.412), percent("much")
    ('41%', '')
    """
    return f"{value:.0%}" if is_number(value) else ""


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)
