"""Traits and declared attributes as a snapshot shows them."""

from liveprofile.profiles.facts.facts import rfc3339
from liveprofile.profiles.facts.trait_snapshot import Declared, Rhythm, Traits
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.kernel.statements import CORRECTED_SO
from liveprofile.profiles.output.trait_messages import attribute_name, value_name
from liveprofile.profiles.records.activity import country_name
from liveprofile.profiles.state.columns import Columns
from liveprofile.profiles.state.dictionary import Dictionary
from liveprofile.profiles.traits.registry import TRAITS
from liveprofile.profiles.traits.rfm import DAY_MS
from liveprofile.profiles.traits.rhythm import expected_order_ms, usual_hours

_PARTS = tuple(trait.part for trait in TRAITS if trait.part)
"""The snapshot parts of all traits, from their declarations."""


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
        **{part.name: part.shown(columns, at, policy) for part in _PARTS},
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
