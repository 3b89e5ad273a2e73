"""Traits, statements and quality of rows as consumers see them, value by value; see `readable_snapshot`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from liveprofile.profiles.facts.facts import rfc3339
from liveprofile.profiles.facts.snapshot import (
    Lifecycle,
    Membership,
)
from liveprofile.profiles.facts.trait_snapshot import Declared, Quality, Rhythm, Traits
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.kernel.statements import CORRECTED_SO
from liveprofile.profiles.numeric.decayed_mean import confidence_of
from liveprofile.profiles.numeric.exact import remaining
from liveprofile.profiles.output.quality import consistencies, facets
from liveprofile.profiles.output.trait_messages import attribute_name, value_name
from liveprofile.profiles.records.activity import VECTOR_ONE, Action, country_name
from liveprofile.profiles.records.vocabulary import (
    DAYS,
    DISCOUNT_BANDS,
    PRICE_BANDS,
    SENTIMENT_BANDS,
)
from liveprofile.profiles.segments.rules import RuleSet
from liveprofile.profiles.state.columns import Columns
from liveprofile.profiles.state.dictionary import Dictionary
from liveprofile.profiles.state.row import LONG, Rows
from liveprofile.profiles.traits.active_days import ActiveDays
from liveprofile.profiles.traits.discounts import Discounts, saved_share
from liveprofile.profiles.traits.offers import Offers
from liveprofile.profiles.traits.price_band import LEAST_SHOWN_MASS, Price
from liveprofile.profiles.traits.rfm import Rfm, rfm_of
from liveprofile.profiles.traits.rhythm import expected_order_ms, usual_hours
from liveprofile.profiles.traits.sentiment import Sentiment

DAY_MS = 86_400_000
_SHOWN: dict[str, Any] = {
    "rfm": lambda *of: rfm_shown(*of),
    "price": lambda *of: price_shown(*of),
    "discounts": lambda *of: discounts_shown(*of),
    "days": lambda *of: days_shown(*of),
    "specificity": lambda *of: specificity_shown(*of),
    "sentiment": lambda *of: sentiment_shown(*of),
    "offers": lambda *of: offers_shown(*of),
    "failed_payments": lambda *of: failed_shown(*of),
}


def traits_of(columns: Columns, at: int, dictionary: Dictionary, policy: Policy) -> Traits:
    """The traits of one of many profiles."""
    priced, entry = columns["orders_priced"][at], columns["entry"][at]
    return Traits(
        tenure_days=round((columns["seen_ms"][at] - columns["first_ms"][at]) / DAY_MS, 2),
        sessions=columns["sessions"][at],
        average_order=round(columns["spent"][at] / priced / 100, 2) if priced else None,
        rhythm=_rhythm(columns, at),
        entry=dictionary.name(entry) if entry else None,
        devices=sum(map(bool, columns["device"][at])),
        networks=sum(map(bool, columns["network"][at])),
        countries=sorted(country_name(code) for code in columns["country"][at] if code),
        **{name: shown(columns, at, policy) for name, shown in _SHOWN.items()},
    )


def declared_of(columns: Columns, at: int, dictionary: Dictionary) -> list[Declared]:
    """The present statements of one of many people, the newest first."""
    places = zip(columns["declared"][at], columns["declared_s"][at], columns["declared_how"][at], strict=True)
    stands = [(since_s, attribute, value, how) for (attribute, value), since_s, how in places if how and value]
    return [
        Declared(
            name=attribute_name(attribute),
            value=value_name(attribute, value, dictionary),
            since=rfc3339(since_s * 1000),
            how="corrected" if how == CORRECTED_SO else "declared",
        )
        for since_s, attribute, value, how in sorted(stands, key=lambda one: (-one[0], one[1]))
    ]


def _rhythm(columns: Columns, at: int) -> Rhythm | None:
    visits, orders = usual_hours(columns["visit_gap"][at]), usual_hours(columns["order_gap"][at])
    if visits is None and orders is None:
        return None
    expected_ms = expected_order_ms(columns["last_order_ms"][at], columns["order_gap"][at], columns["orders"][at])
    return Rhythm(visits, orders, rfc3339(expected_ms) if expected_ms is not None else None)


def qualities(rows: Rows, times_ms: Sequence[int], policy: Policy) -> list[Quality]:
    """The qualities of many profiles (n,), each at a moment of its own."""
    known = facets(rows, policy).mean(axis=1).round(3).tolist()
    masses, agreed = rows["mass"][:, LONG].tolist(), consistencies(rows, policy)
    short_s, long_s = policy.decay.half_life_s["short"], policy.decay.half_life_s["long"]
    elapsed_ms = [time_ms - seen_ms for time_ms, seen_ms in zip(times_ms, rows["seen_ms"].tolist(), strict=True)]
    return [
        Quality(
            completeness=known[at],
            freshness=round(remaining(passed_ms, short_s), 4),
            consistency=None if np.isnan(agreed[at]) else round(float(agreed[at]), 3),
            confidence=round(confidence_of(masses[at] * remaining(passed_ms, long_s), policy.confidence_mass), 3),
        )
        for at, passed_ms in enumerate(elapsed_ms)
    ]


def lifecycle_shown(number: int, since_s: int, rules: RuleSet) -> Lifecycle | None:
    """The state in force; None before the first one, and for one that the rules no longer have."""
    name = rules.state_name(number)
    return Lifecycle(name, rfc3339(since_s * 1000)) if name else None


def segments_shown(mask: int, since_s: list[Any], rules: RuleSet) -> list[Membership]:
    """The segments with their bits set, in the order of the rules' slots."""
    return [Membership(name, rfc3339(since_s[rules.slots[name]] * 1000)) for name in rules.segment_names(mask)]


def price_shown(columns: Columns, at: int, policy: Any) -> Price | None:
    """The price band as a snapshot shows it."""
    mass, published = columns["price_mass"][at], columns["published_price_band"][at]
    if mass < LEAST_SHOWN_MASS and not published:
        return None
    confidence = round(confidence_of(mass, policy.confidence_mass), 3)
    return Price(round(columns["price"][at], 3), confidence, PRICE_BANDS[published - 1] if published else None)


def discounts_shown(columns: Columns, at: int, policy: Any) -> Discounts | None:
    """The savings as a snapshot shows them."""
    published, saved = columns["published_discount_band"][at], columns["saved"][at]
    if saved <= 0 and not published:
        return None
    share = saved_share(columns["paid"][at], saved)
    return Discounts(round(share, 4), DISCOUNT_BANDS[published - 1] if published else None)


def days_shown(columns: Columns, at: int, policy: Any) -> ActiveDays:
    """The days as a snapshot shows them."""
    published = columns["published_days"][at]
    return ActiveDays(
        [round(share / VECTOR_ONE, 4) for share in columns["days"][at]], DAYS[published - 1] if published else None
    )


def sentiment_shown(columns: Columns, at: int, policy: Any) -> Sentiment | None:
    """The sentiment as a snapshot shows it."""
    published, reviews = columns["published_sentiment"][at], columns["reviews"][at]
    if not reviews or columns["sentiment_mass"][at] <= 0:
        return None
    return Sentiment(round(columns["sentiment"][at], 3), reviews, SENTIMENT_BANDS[published - 1] if published else None)


def offers_shown(columns: Columns, at: int, policy: Any) -> Offers | None:
    """The answers as a snapshot shows them."""
    yes, no = (round(count, 2) for count in columns["offers"][at])
    return Offers(yes, no) if yes or no else None


def specificity_shown(columns: Columns, at: int, policy: Any) -> float | None:
    """The mean as a snapshot shows it: 0 is one common word, 1 one exact product."""
    return round(columns["specificity"][at], 3) if columns["specificity_mass"][at] > LEAST_SHOWN_MASS else None


def failed_shown(columns: Columns, at: int, policy: Any) -> float | None:
    """Failed payments as a snapshot shows them."""
    return round(columns["failed"][at], 2) or None


def rfm_shown(columns: Columns, at: int, policy: Any) -> Rfm | None:
    """The three as a snapshot shows them, as of the newest event; None without orders."""
    if not columns["orders"][at]:
        return None
    recency_ms = columns["seen_ms"][at] - columns["last_order_ms"][at]
    orders = columns["by_action"][at][Action.PURCHASE]
    spend = columns["spend_recent"][at] / 100 if columns["orders_priced"][at] else None
    return rfm_of(recency_ms / DAY_MS, orders, spend, policy.rfm)
