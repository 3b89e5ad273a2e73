"""Converts amounts into the shop's currency by a file of dated exchange rates, so that several currencies have one sum.

A rate is a pure function of the file and the event's time. What is written into the activity log is converted already,
so that a replay of the log needs no rates.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from msgspec.structs import replace

from liveprofile.streams.stages.ingest.event import Line, ValidatedEvent
from liveprofile.streams.stages.ingest.money import MINOR_LIMIT

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates of one currency: from each day on, how much of the shop's currency one unit costs."""

    days: Sequence[int]
    """Days since 1970 (UTC), rising."""
    rates: Sequence[Fraction]


@dataclass(slots=True)
class Exchange:
    """The rates in force; without any, amounts in other currencies stay unknown.

    >>> exchange = Exchange("EUR", {"GBP": Rates([20_000, 20_010], [Fraction("1.2"), Fraction("1.1")])})
    >>> [exchange.rate("GBP", day * DAY_MS) for day in (19_999, 20_000, 20_009, 20_010, 20_041, 20_042)]
    [None, Fraction(6, 5), Fraction(6, 5), Fraction(11, 10), Fraction(11, 10), None]
    """

    currency: str
    """The shop's."""
    rates: Mapping[str, Rates] = field(default_factory=dict)
    most_days: float = 31.0
    """How long a rate holds without a newer one."""
    counts: Counter[tuple[str, bool]] = field(default_factory=Counter)
    """Events with amounts in another currency: by currency, and whether they were converted."""

    def rate(self, currency: str, time_ms: int) -> Fraction | None:
        """The rate at a time; None where the file has none, or only one that is too old."""
        rates = self.rates.get(currency)
        if rates is None:
            return None
        place = bisect_right(rates.days, time_ms // DAY_MS) - 1
        if place < 0 or time_ms - rates.days[place] * DAY_MS >= (self.most_days + 1) * DAY_MS:
            return None
        return rates.rates[place]

    def converted(self, event: ValidatedEvent, time_ms: int) -> ValidatedEvent:
        """The event in the shop's currency; as it is where it is so already, or where there is no rate."""
        if event.currency in ("", self.currency) or not _has_amounts(event):
            return event
        rate = self.rate(event.currency, time_ms)
        found = None if rate is None else _in(self.currency, event, rate)
        self.counts[event.currency, found is not None] += 1
        return found or event


def _has_amounts(event: ValidatedEvent) -> bool:
    return bool(event.order_total) or any(line.amount or line.price or line.saved for line in event.lines)


def _in(currency: str, event: ValidatedEvent, rate: Fraction) -> ValidatedEvent | None:
    """The event by a rate; None if an amount is too large then. A total that is the sum of its lines stays that."""
    lines = tuple(_line(line, rate) for line in event.lines)
    is_sum = event.order_total == sum(line.amount for line in event.lines)
    total = sum(line.amount for line in lines) if is_sum else round(event.order_total * rate)
    if max(total, *(max(line.amount, line.price, line.saved) for line in lines)) > MINOR_LIMIT:
        return None
    return replace(event, lines=lines, order_total=total if event.order_total else 0, currency=currency)


def _line(line: Line, rate: Fraction) -> Line:
    """Each amount is rounded to the nearest hundredth, and halves to the even one."""
    amounts = (round(amount * rate) for amount in (line.amount, line.price, line.saved))
    return replace(line, **dict(zip(("amount", "price", "saved"), amounts, strict=True)))
