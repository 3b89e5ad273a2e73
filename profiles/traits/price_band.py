"""The price band: prices of the items viewed and bought, against the price level of their category."""

from dataclasses import dataclass
from typing import Any

import msgspec

from liveprofile.profiles.numeric.aliases import Columns, Row, Rules
from liveprofile.profiles.numeric.decayed_mean import confidence_of, decayed_mean_update
from liveprofile.profiles.numeric.jit import compiled
from liveprofile.profiles.numeric.rounding import rounded
from liveprofile.profiles.records.sections import Section, setting
from liveprofile.profiles.records.vocabulary import LONG, PRICE_BANDS, PriceBand
from liveprofile.profiles.traits.price_levels import is_priced, price_z
from liveprofile.profiles.traits.trait import STATIC, AroundZero, Feature, Field, Moment, Part, Trait, Why

LEAST_SHOWN_MASS = 0.01
"""Evidence below this is not shown."""


@dataclass(frozen=True)
class PriceSettings(Section):
    """When a price band is published."""

    enter: float = setting(0.5, "Mean z of prices in their categories beyond which a price band is entered.")
    exit: float = setting(0.3, "Mean z of prices within which the budget or premium band is left.")
    min_mass: float = setting(12.0, "Minimum decayed weight of priced actions before a price band is published.")
    interval_s: float = setting(86400.0, "Minimum time between two changes of the price band, seconds.")
    level_min: int = setting(20, "Minimum number of prices of a category before its price level is in force.")


class Price(msgspec.Struct, frozen=True, gc=False):
    """Prices of items viewed and bought, against their categories' levels."""

    z: float
    """Mean distance from the level, in spreads of the category: below 0 is cheaper."""
    confidence: float
    """0 to 1, by the evidence."""
    band: PriceBand | None
    """As last published."""


@compiled
def update_price(row: Row, event: Row, moment: Moment) -> None:
    """Add a price to the mean z, weighted by the interest of the action."""
    row.price_mass *= moment.state_decay[LONG]
    if not is_priced(event):
        return
    z, known = price_z(moment.context.price_levels, event)
    if known:
        weight = moment.rules.action_weights[event.action] * moment.event_decay[LONG]
        row.price, row.price_mass = decayed_mean_update(row.price, row.price_mass, z, weight)


@compiled
def mean_price(row: Row) -> float:
    """The mean z of prices."""
    return row.price  # type: ignore[no-any-return]  # a field of the row


@compiled
def enough_prices(row: Row, rules: Rules) -> bool:
    """Whether the weight of prices suffices for a first band."""
    return bool(row.price_mass >= rules.price_min_mass)


def price_shown(columns: Columns, policy: Any) -> list[Price | None]:
    """The price band as a snapshot shows it."""
    prices = rounded(columns.rows["price"], 3).tolist()
    confidences = rounded(confidence_of(columns.rows["price_mass"].astype(float), policy.confidence_mass), 3).tolist()
    rest = columns.together("price_mass", "published_price_band")
    return [
        Price(price, confidence, PRICE_BANDS[published - 1] if published else None)
        if mass >= LEAST_SHOWN_MASS or published
        else None
        for price, confidence, (mass, published) in zip(prices, confidences, rest, strict=True)
    ]


_COMPARED = (
    "prices lie {observed:signed} deviations from their category's level on average, threshold {threshold:signed}."
)
"""How messages end."""

PRICE_BAND = Trait(
    name="price_band",
    path="price.band",
    meaning="Budget, middle or premium: prices against the level of their category.",
    state=(
        Field("price", "<f4", "mean z of prices against their category's level"),
        Field("price_mass", "<f4", "decayed weight of the priced actions"),
        Field("published_price_band", "u1", "as last published"),
    ),
    update=update_price,
    published="published_price_band",
    settings="price",
    value=mean_price,
    enough=enough_prices,
    bands=AroundZero(PRICE_BANDS),
    corrected_by="price_focus",
    rule="price-band@1",
    reasons=(
        Why(
            "PRICE_BAND_FOUND",
            when="found",
            meaning=("Prices viewed and paid indicate a budget, middle or premium shopper, by category price levels."),
            template="Price band is now {after}: " + _COMPARED,
            sample=(None, "premium", 1.4, 0.8),
        ),
        Why(
            "PRICE_BAND_CHANGED",
            when="any",
            meaning="The price band changed: prices viewed and paid crossed the bound of another band.",
            template="Price band changed from {before} to {after}: " + _COMPARED,
            sample=("premium", "middle", 0.3, 0.4),
        ),
    ),
    features=(
        Feature(
            "price.level",
            STATIC,
            "deviations",
            "Mean price of the items viewed, relative to their categories.",
            read="price",
        ),
        Feature(
            "price.band",
            STATIC,
            "name",
            "The published price band.",
            values=("none", *PRICE_BANDS),
            read="published_price_band",
        ),
    ),
    part=Part("price", Price, price_shown),
)
