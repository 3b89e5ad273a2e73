"""The traits in the order that they were added, and the tables that the program derives from their declarations."""

from collections.abc import Mapping
from dataclasses import dataclass

from liveprofile.profiles.records.sections import Section
from liveprofile.profiles.traits.active_days import ACTIVE_DAYS, DaysSettings
from liveprofile.profiles.traits.active_hours import ACTIVE_HOURS, HoursSettings
from liveprofile.profiles.traits.discounts import DISCOUNTS, DiscountSettings
from liveprofile.profiles.traits.entry import ENTRY
from liveprofile.profiles.traits.offers import OFFERS
from liveprofile.profiles.traits.origins import ORIGINS
from liveprofile.profiles.traits.pace import PACE
from liveprofile.profiles.traits.payments import PAYMENTS
from liveprofile.profiles.traits.price_band import PRICE_BAND, PriceSettings
from liveprofile.profiles.traits.queries import SPECIFICITY
from liveprofile.profiles.traits.rfm import RFM, RfmSettings
from liveprofile.profiles.traits.rhythm import RHYTHM
from liveprofile.profiles.traits.sentiment import SENTIMENT, SentimentSettings
from liveprofile.profiles.traits.spend_band import SPEND_BAND, SpendSettings
from liveprofile.profiles.traits.trait import Field, Trait, Why

JUDGED_FIRST = (SPEND_BAND, ACTIVE_HOURS)
"""Judged before clusters and interest slots: the publish budget is used up in this order."""
TRAITS: tuple[Trait, ...] = (
    *JUDGED_FIRST,
    PRICE_BAND,
    DISCOUNTS,
    ACTIVE_DAYS,
    SENTIMENT,
    RHYTHM,
    PACE,
    PAYMENTS,
    ORIGINS,
    SPECIFICITY,
    OFFERS,
    ENTRY,
    RFM,
)
"""Append only: rows and paths keep this order."""


@dataclass(frozen=True)
class TraitSettings(Section):
    """The settings of all traits: a section each."""

    spend: SpendSettings = SpendSettings()
    hours: HoursSettings = HoursSettings()
    price: PriceSettings = PriceSettings()
    discount: DiscountSettings = DiscountSettings()
    days: DaysSettings = DaysSettings()
    sentiment: SentimentSettings = SentimentSettings()
    rfm: RfmSettings = RfmSettings()


FIELDS: Mapping[str, Field] = {one.name: one for trait in TRAITS for one in trait.state}
"""The fields of the row that traits own."""
PUBLISHED_TRAITS: Mapping[str, Trait] = {trait.path: trait for trait in TRAITS if trait.path}
"""The traits with published changes, by path."""
REASONS: Mapping[str, Why] = {one.code: one for trait in TRAITS for one in trait.reasons}
