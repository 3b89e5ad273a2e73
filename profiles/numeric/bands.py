"""The bands that traits are published in, by name."""

from typing import Literal

PriceBand = Literal["budget", "middle", "premium"]
DiscountBand = Literal["some", "many"]
Days = Literal["weekday", "weekend"]
SentimentBand = Literal["negative", "mixed", "positive"]

PRICE_BANDS: tuple[PriceBand, ...] = ("budget", "middle", "premium")
DISCOUNT_BANDS: tuple[DiscountBand, ...] = ("some", "many")
DAYS: tuple[Days, ...] = ("weekday", "weekend")
SENTIMENT_BANDS: tuple[SentimentBand, ...] = ("negative", "mixed", "positive")
