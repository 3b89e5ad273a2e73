"""Closed vocabularies: time scales, bands and parts of the day."""

from typing import Literal

SCALES = ("session", "short", "long")
SESSION, SHORT, LONG = range(len(SCALES))
"""Places of the time scales in a row's weights and vectors, and in the factors of decay."""

SpendBand = Literal["none", "low", "middle", "high", "top"]
PartOfDay = Literal["night", "morning", "afternoon", "evening"]
PriceBand = Literal["budget", "middle", "premium"]
DiscountBand = Literal["some", "many"]
Days = Literal["weekday", "weekend"]
SentimentBand = Literal["negative", "mixed", "positive"]

SPEND_BANDS: tuple[SpendBand, ...] = ("none", "low", "middle", "high", "top")
PARTS_OF_DAY: tuple[PartOfDay, ...] = ("night", "morning", "afternoon", "evening")
"""00-06, 06-12, 12-18 and 18-24 in the shop's time zone."""
PRICE_BANDS: tuple[PriceBand, ...] = ("budget", "middle", "premium")
DISCOUNT_BANDS: tuple[DiscountBand, ...] = ("some", "many")
DAYS: tuple[Days, ...] = ("weekday", "weekend")
SENTIMENT_BANDS: tuple[SentimentBand, ...] = ("negative", "mixed", "positive")
