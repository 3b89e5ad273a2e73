"""The bands that traits are said in, and when one gives way to another."""

from typing import Literal

from profiles.compiled import compiled

PriceBand = Literal["budget", "middle", "premium"]
DiscountBand = Literal["some", "many"]
Days = Literal["weekday", "weekend"]
SentimentBand = Literal["negative", "mixed", "positive"]

PRICE_BANDS: tuple[PriceBand, ...] = ("budget", "middle", "premium")
DISCOUNT_BANDS: tuple[DiscountBand, ...] = ("some", "many")
DAYS: tuple[Days, ...] = ("weekday", "weekend")
SENTIMENT_BANDS: tuple[SentimentBand, ...] = ("negative", "mixed", "positive")

NONE, LOW, MIDDLE, HIGH = 0, 1, 2, 3
"""A band in a row: its place + 1; 0 for none."""


@compiled
def band_around_zero(before: int, value: float, enter: float, leave: float) -> int:
    """Low, middle or high: entered beyond `enter` on either side of zero, left within `leave`.

    >>> [band_around_zero(before, -0.4, 0.5, 0.3) for before in (NONE, LOW, HIGH)]
    [2, 1, 2]
    """
    bound_low = leave if before == LOW else enter
    bound_high = leave if before == HIGH else enter
    if value <= -bound_low:
        return LOW
    return HIGH if value >= bound_high else MIDDLE


@compiled
def crossed(before: int, after: int, enter: float, leave: float) -> float:
    """The bound that led from one band around zero to another."""
    if after == MIDDLE:
        return -leave if before == LOW else leave if before == HIGH else enter
    return -enter if after == LOW else enter
