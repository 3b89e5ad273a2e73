"""Numbers out of records that may be newer or stranger than the program, in words."""

from typing import Any, TypeGuard


def percent(value: Any) -> str:
    """A share in percent; empty for what is no number.

    >>> percent(0.412), percent("much")
    ('41%', '')
    """
    return f"{value:.0%}" if is_number(value) else ""


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a value can be reckoned with."""
    return isinstance(value, int | float) and not isinstance(value, bool)
