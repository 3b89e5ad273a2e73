"""Discounts: the share of list prices that a shopper saves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from liveprofile.profiles.numeric.aliases import Columns, Row, Rules
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.records.activity import Action
from liveprofile.profiles.records.sections import Section, by_name, setting
from liveprofile.profiles.records.vocabulary import DISCOUNT_BANDS, LONG, DiscountBand
from liveprofile.profiles.traits.price_levels import is_priced
from liveprofile.profiles.traits.trait import STATIC, Feature, Field, Ladder, Moment, Part, Trait, Why

PURCHASE = int(Action.PURCHASE)


@dataclass(frozen=True)
class DiscountSettings(Section):
    """When a discount band is published."""

    bounds: Mapping[str, float] = by_name(
        DISCOUNT_BANDS, {"some": 0.05, "many": 0.15}, "Share saved of the list prices from which a band begins."
    )
    exit_factor: float = setting(0.7, "A discount band is left downwards below its bound times this.")
    min_paid: float = setting(50.0, "Minimum decayed spend before a discount band is published, major units.")
    interval_s: float = setting(86400.0, "Minimum time between two changes of the discount band, seconds.")


class Discounts(msgspec.Struct, frozen=True, gc=False):
    """The savings on list prices."""

    share: float
    band: DiscountBand | None
    """As last published."""


@compiled
def update_discounts(row: Row, event: Row, moment: Moment) -> None:
    """Add a purchase to the amounts paid and saved."""
    row.paid *= moment.state_decay[LONG]
    row.saved *= moment.state_decay[LONG]
    if event.action == PURCHASE and is_priced(event):
        row.paid += event.amount * moment.event_decay[LONG]
        row.saved += max(event.saved, 0) * moment.event_decay[LONG]


@compiled
def saved_share(paid: float, saved: float) -> float:
    """The share of the list prices that was saved; 0 without purchases.

    >>> saved_share(75.0, 25.0), saved_share(0.0, 0.0)
    (0.25, 0.0)
    """
    return saved / (paid + saved) if paid + saved > 0.0 else 0.0


@compiled
def share_of_row(row: Row) -> float:
    """The share that bands are decided by."""
    return saved_share(row.paid, row.saved)


@compiled
def exact_share(row: Row) -> float:
    """The share that rules read, divided in double precision."""
    return saved_share(float(row.paid), float(row.saved))


@compiled
def enough_paid(row: Row, rules: Rules) -> bool:
    """Whether enough was bought for a first band."""
    return bool(row.paid >= rules.discount_min_paid * 100.0)


def discounts_shown(columns: Columns, policy: Any) -> list[Discounts | None]:
    """The savings as a snapshot shows them."""
    return [
        Discounts(round(saved_share(paid, saved), 4), DISCOUNT_BANDS[published - 1] if published else None)
        if saved > 0 or published
        else None
        for paid, saved, published in columns.together("paid", "saved", "published_discount_band")
    ]


_COMPARED = "{observed:percent} of the list prices saved, threshold {threshold:percent}."
"""How messages end."""

DISCOUNTS = Trait(
    name="discounts",
    path="discounts",
    meaning="The share of list prices that is saved.",
    state=(
        Field("paid", "<f4", "decayed spend on lines with a known price, minor units"),
        Field("saved", "<f4", "decayed reductions on them"),
        Field("published_discount_band", "u1", "as last published"),
    ),
    update=update_discounts,
    published="published_discount_band",
    settings="discount",
    value=share_of_row,
    enough=enough_paid,
    bands=Ladder(DISCOUNT_BANDS),
    rule="discounts@1",
    reasons=(
        Why(
            "DISCOUNTS_ROSE",
            when="rose",
            meaning="A larger share of the list prices is saved.",
            template="Use of discounts rose from {before} to {after}: " + _COMPARED,
            sample=("some", "many", 0.31, 0.25),
        ),
        Why(
            "DISCOUNTS_FELL",
            when="fell",
            meaning="A clearly smaller share of the list prices is saved.",
            template="Use of discounts fell from {before} to {after}: " + _COMPARED,
            sample=("many", "some", 0.17, 0.2),
        ),
    ),
    features=(
        Feature(
            "discount.share",
            STATIC,
            "share",
            "The share of list prices saved by reductions on purchases.",
            read=exact_share,
        ),
    ),
    part=Part("discounts", Discounts, discounts_shown),
)
