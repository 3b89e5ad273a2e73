"""Which version of the program this is, and whether it is older than another."""

import re
from importlib.metadata import version

PROGRAM = version("liveprofile")


def is_older(ours: str, theirs: str) -> bool:
    """Whether a version comes before another, by its numbers.

    >>> is_older("0.9.1", "0.10.0"), is_older("1.0", "1.0")
    (True, False)
    """
    return _numbers(ours) < _numbers(theirs)


def _numbers(text: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", text)[:3]]
