"""Numbers out of records that may be newer or stranger than the program."""

from typing import Any, TypeGuard


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a value can be reckoned with."""
    return isinstance(value, int | float) and not isinstance(value, bool)
