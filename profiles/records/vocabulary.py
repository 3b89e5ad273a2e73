"""The closed lists of words that profiles are put into, each here once."""

from typing import Literal

BANDS: tuple[Literal["none", "low", "middle", "high", "top"], ...] = ("none", "low", "middle", "high", "top")
PARTS_OF_DAY: tuple[Literal["night", "morning", "afternoon", "evening"], ...] = (
    "night",
    "morning",
    "afternoon",
    "evening",
)
"""00-06, 06-12, 12-18 and 18-24 UTC."""
