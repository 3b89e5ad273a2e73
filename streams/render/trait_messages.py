"""Sentences for changes of traits and of declared attributes."""

from collections.abc import Callable, Mapping
from typing import Any

from liveprofile.streams.render.numbers import is_number, percent

Words = tuple[str, str]
"""(what changed, why)"""

_PRICES = {
    "budget": "is a budget shopper",
    "middle": "shops at usual prices",
    "premium": "is a premium shopper",
}
_DISCOUNTS = {"some": "takes some discounts", "many": "takes many discounts"}
_DAYS = {"weekday": "on weekdays", "weekend": "at weekends"}
_TONES = {
    "negative": "writes negative reviews",
    "mixed": "writes mixed reviews",
    "positive": "writes positive reviews",
}


def _price(before: Any, after: Any, reason: Mapping[str, Any]) -> Words:
    what = _PRICES.get(str(after), f"is in the price band {after}")
    z = reason.get("observed")
    if not is_number(z):
        return what, ""
    return what, f"prices are {abs(z):.1f} spreads {'below' if z < 0 else 'above'} those usual in their categories"


def _discounts(before: Any, after: Any, reason: Mapping[str, Any]) -> Words:
    what = _DISCOUNTS.get(str(after), "hardly takes discounts")
    share, threshold = percent(reason.get("observed")), percent(reason.get("threshold"))
    side = "below" if reason.get("code") == "DISCOUNTS_FELL" else "over"
    return what, f"{share} of the list prices is saved, {side} {threshold}" if share and threshold else ""


def _days(before: Any, after: Any, reason: Mapping[str, Any]) -> Words:
    share = percent(reason.get("observed"))
    if after is None:
        return f"no longer shops mostly {_DAYS.get(str(before), before)}", f"{share} of activity" if share else ""
    return f"shops mostly {_DAYS.get(str(after), after)}", f"{share} of activity" if share else ""


def _sentiment(before: Any, after: Any, reason: Mapping[str, Any]) -> Words:
    mean = reason.get("observed")
    what = _TONES.get(str(after), f"writes {after} reviews")
    return what, f"{mean:+.2f} on a scale from -1 to 1" if is_number(mean) else ""


def _declared(before: Any, after: Any, reason: Mapping[str, Any]) -> Words:
    if reason.get("code") == "WITHDRAWN":
        return f"no longer says that {_statement(before)}", ""
    if reason.get("code") == "CORRECTED":
        return f"corrects a value: {_statement(after)}{f', not {_statement(before)}' if before else ''}", ""
    was = f", and no longer that {_statement(before)}" if before else ""
    return f"says that {_statement(after)}{was}", ""


def _statement(stated: Any) -> str:
    """One attribute and its value."""
    if not isinstance(stated, Mapping):
        return str(stated)
    return " and ".join(f"{str(name).replace('_', ' ')} is {value}" for name, value in stated.items())


def corrected(path: str, before: Any) -> Words:
    """An inferred value that is withdrawn because the person corrected it."""
    return f"{path} is no longer {before}", "the person corrected it"


TRAIT_WORDS: Mapping[str, Callable[[Any, Any, Mapping[str, Any]], Words]] = {
    "price.band": _price,
    "discounts": _discounts,
    "days": _days,
    "sentiment": _sentiment,
    "declared": _declared,
}
"""The function that describes a change, by path."""
