"""Traits and declarations as a snapshot shows them."""

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.numeric.decayed_mean import confidence_of
from liveprofile.profiles.numeric.hysteresis import DAYS, DISCOUNT_BANDS, PRICE_BANDS, SENTIMENT_BANDS
from liveprofile.profiles.records.activity import VECTOR_ONE, Action, country_name
from liveprofile.profiles.records.facts import rfc3339
from liveprofile.profiles.records.trait_snapshot import (
    ActiveDays,
    Declared,
    Discounts,
    Offers,
    Price,
    Rfm,
    Rhythm,
    Sentiment,
    Traits,
)
from liveprofile.profiles.state.columns import Columns
from liveprofile.profiles.state.dictionary import Dictionary
from liveprofile.profiles.traits.declared import CORRECTED_SO
from liveprofile.profiles.traits.messages import attribute_name, value_name
from liveprofile.profiles.traits.prices import saved_share
from liveprofile.profiles.traits.rfm import DAY_MS, rfm_of
from liveprofile.profiles.traits.rhythm import expected_order_ms, usual_hours

LEAST_MASS = 0.01
"""Evidence below this is not shown."""


def traits_of(columns: Columns, at: int, dictionary: Dictionary, policy: Policy) -> Traits:
    """The traits of one of many profiles."""
    orders, entry = columns["orders"][at], columns["entry"][at]
    return Traits(
        tenure_days=round((columns["seen_ms"][at] - columns["first_ms"][at]) / DAY_MS, 2),
        sessions=columns["sessions"][at],
        average_order=round(columns["spent"][at] / orders / 100, 2) if orders else None,
        rfm=_rfm(columns, at, policy) if orders else None,
        price=_price(columns, at, policy),
        discounts=_discounts(columns, at),
        days=_days(columns, at),
        rhythm=_rhythm(columns, at),
        specificity=round(columns["specificity"][at], 3) if columns["specificity_mass"][at] > LEAST_MASS else None,
        sentiment=_sentiment(columns, at),
        offers=_offers(columns["offers"][at]),
        entry=dictionary.name(entry) if entry else None,
        devices=sum(map(bool, columns["device"][at])),
        networks=sum(map(bool, columns["network"][at])),
        countries=sorted(country_name(code) for code in columns["country"][at] if code),
        failed_payments=round(columns["failed"][at], 2) or None,
    )


def declared_of(columns: Columns, at: int, dictionary: Dictionary) -> list[Declared]:
    """What stands of what one of many people said of themselves, the newest first."""
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


def _rfm(columns: Columns, at: int, policy: Policy) -> Rfm:
    recency_ms = columns["seen_ms"][at] - columns["last_order_ms"][at]
    orders, spend = columns["by_action"][at][Action.PURCHASE], columns["spend_recent"][at] / 100
    return rfm_of(recency_ms / DAY_MS, orders, spend, policy)


def _price(columns: Columns, at: int, policy: Policy) -> Price | None:
    mass, published = columns["price_mass"][at], columns["published_price_band"][at]
    if mass < LEAST_MASS and not published:
        return None
    confidence = round(confidence_of(mass, policy.confidence_mass), 3)
    return Price(round(columns["price"][at], 3), confidence, PRICE_BANDS[published - 1] if published else None)


def _discounts(columns: Columns, at: int) -> Discounts | None:
    published, saved = columns["published_discount_band"][at], columns["saved"][at]
    if saved <= 0 and not published:
        return None
    share = saved_share(columns["paid"][at], saved)
    return Discounts(round(share, 4), DISCOUNT_BANDS[published - 1] if published else None)


def _days(columns: Columns, at: int) -> ActiveDays:
    published = columns["published_days"][at]
    return ActiveDays(
        [round(share / VECTOR_ONE, 4) for share in columns["days"][at]], DAYS[published - 1] if published else None
    )


def _rhythm(columns: Columns, at: int) -> Rhythm | None:
    visits, orders = usual_hours(columns["visit_gap"][at]), usual_hours(columns["order_gap"][at])
    if visits is None and orders is None:
        return None
    expected_ms = expected_order_ms(columns["last_order_ms"][at], columns["order_gap"][at], columns["orders"][at])
    return Rhythm(visits, orders, rfc3339(expected_ms) if expected_ms is not None else None)


def _sentiment(columns: Columns, at: int) -> Sentiment | None:
    published, reviews = columns["published_sentiment"][at], columns["reviews"][at]
    if not reviews or columns["sentiment_mass"][at] <= 0:
        return None
    return Sentiment(round(columns["sentiment"][at], 3), reviews, SENTIMENT_BANDS[published - 1] if published else None)


def _offers(answers: list[float]) -> Offers | None:
    accepted, refused = (round(count, 2) for count in answers)
    return Offers(accepted, refused) if accepted or refused else None
