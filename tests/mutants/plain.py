"""A plugin of pytest: compiled functions run as plain Python, so that a broken one need not be compiled again.

Machine code reads fields of records as attributes and computes in 64 bits; records of NumPy are given the same ways
here. Digests of whole states can differ in last bits, so that tests of exact bytes are not among those chosen.
"""

import threading
from functools import partial
from typing import Any

import numpy as np

from liveprofile.profiles.numeric.jit import compiled

INSIDE = threading.local()
NUMBERS = "?bhilqfdBHI"
"""Codes of the types of numbers that 64 bits of Python hold; the unsigned numbers of 64 bits wrap round, and stay."""


class Record(np.record):
    """A record whose fields are attributes, and whose numbers are wide."""

    def __getattribute__(self, name: str) -> Any:
        """A field, before what every record has: `item` and `view` are fields of some."""
        dtype = np.void.__getattribute__(self, "dtype")
        if name not in dtype.fields:
            return super().__getattribute__(name)
        found = np.void.__getitem__(self, name)
        if found.dtype.names:
            return opened(found)
        return found.item() if isinstance(found, np.generic) and found.dtype.char in NUMBERS else found

    def __setattr__(self, name: str, value: Any) -> None:
        """Put a field."""
        self[name] = value


class Records(np.ndarray):
    """An array of such records; its fields are attributes, too."""

    def __getattr__(self, name: str) -> Any:
        """A field of all records."""
        return opened(self[name])


def opened(value: Any) -> Any:
    """The value with attributes for the fields of all its records."""
    if isinstance(value, np.ndarray):
        return value.view(np.dtype((Record, value.dtype)), Records) if value.dtype.names else value
    if isinstance(value, np.void) and value.dtype.names:
        return value.view(np.dtype((Record, value.dtype)))
    if isinstance(value, tuple):
        fields = map(opened, value)
        return type(value)(*fields) if hasattr(value, "_fields") else tuple(fields)
    return value


def closed(value: Any) -> Any:
    """What machine code would give back: numbers of Python."""
    if isinstance(value, np.generic) and not isinstance(value, np.void):
        return value.item()
    return tuple(map(closed, value)) if type(value) is tuple else value


def call(self: Any, *arguments: Any, **named: Any) -> Any:
    """Call the function itself, in the place of its machine code."""
    if getattr(INSIDE, "now", False):
        return self._function(*arguments, **named)
    INSIDE.now = True
    try:
        with np.errstate(all="ignore"):
            given = {name: opened(value) for name, value in named.items()}
            return closed(self._function(*map(opened, arguments), **given))
    finally:
        INSIDE.now = False


def pytest_configure() -> None:
    """Before any test."""
    compiled.__call__ = call  # type: ignore[method-assign]
    compiled.code_for = lambda self, *_: partial(call, self)  # type: ignore[method-assign]
