"""Traits and declared attributes as a snapshot shows them."""

from functools import lru_cache

import numpy as np

from liveprofile.profiles.facts.facts import rfc3339
from liveprofile.profiles.facts.json_columns import Encoded, Texts, members, numbers, objects, texts
from liveprofile.profiles.facts.trait_snapshot import Declared, Rhythm, Traits
from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.kernel.statements import CORRECTED_SO
from liveprofile.profiles.numeric.rounding import rounded
from liveprofile.profiles.output.trait_messages import attribute_name, value_name
from liveprofile.profiles.records.activity import country_name
from liveprofile.profiles.state.columns import Columns
from liveprofile.profiles.state.dictionary import Dictionary
from liveprofile.profiles.traits.origins import DEVICES
from liveprofile.profiles.traits.registry import TRAITS
from liveprofile.profiles.traits.rfm import DAY_MS
from liveprofile.profiles.traits.rhythm import expected_order_ms, usual_hours

_PARTS = tuple(trait.part for trait in TRAITS if trait.part)
"""The snapshot parts of all traits, from their declarations."""
_DEVICES, _NETWORKS = (members(name, [None, *range(1, DEVICES + 1)]) for name in ("devices", "networks"))
"""The members for so many of them."""


def traits_of(columns: Columns, names: Encoded, policy: Policy) -> Texts:
    """The traits of many profiles."""
    rows = columns.rows
    found = {
        "tenure_days": numbers(rounded((rows["seen_ms"] - rows["first_ms"]) / DAY_MS, 2)),
        "sessions": numbers(rows["sessions"]),
        "average_order": members("average_order", _average_orders(columns)),
        "rhythm": members("rhythm", _rhythms(columns)),
        "entry": [b',"entry":' + names[entry] if entry else b"" for entry in columns["entry"]],
        "devices": [_DEVICES[known] for known in np.count_nonzero(rows["device"], axis=1).tolist()],
        "networks": [_NETWORKS[known] for known in np.count_nonzero(rows["network"], axis=1).tolist()],
        "countries": [_countries(*codes) for codes in columns["country"]],
        **{part.name: members(part.name, part.shown(columns, policy)) for part in _PARTS},
    }
    return objects(Traits, **{name: found[name] for name in Traits.__struct_fields__})


def declared_of(columns: Columns, dictionary: Dictionary) -> Texts:
    """The present statements of many people, the newest first."""
    rows = columns.rows
    found = [b"[]"] * len(rows)
    stated = np.flatnonzero(((rows["declared_how"] != 0) & (rows["declared"][:, :, 1] != 0)).any(axis=1)).tolist()
    for at in stated:
        places = zip(columns["declared"][at], columns["declared_s"][at], columns["declared_how"][at], strict=True)
        stands = [(since_s, attribute, value, how) for (attribute, value), since_s, how in places if how and value]
        shown = [
            Declared(
                name=attribute_name(attribute),
                value=value_name(attribute, value, dictionary),
                since=rfc3339(since_s * 1000),
                how="corrected" if how == CORRECTED_SO else "declared",
            )
            for since_s, attribute, value, how in sorted(stands, key=lambda one: (-one[0], one[1]))
        ]
        (found[at],) = texts([shown])
    return found


@lru_cache(maxsize=1024)
def _countries(*codes: int) -> bytes:
    """The member for codes of countries, of which 0 is none."""
    (member,) = members("countries", [sorted(country_name(code) for code in codes if code) or None])
    return member


def _average_orders(columns: Columns) -> list[float | None]:
    return [
        round(spent / priced / 100, 2) if priced else None
        for spent, priced in columns.together("spent", "orders_priced")
    ]


def _rhythms(columns: Columns) -> list[Rhythm | None]:
    return [
        _rhythm(*visits, *orders, last_ms, count) if visits[1] > 0 or orders[1] > 0 else None
        for visits, orders, last_ms, count in columns.together("visit_gap", "order_gap", "last_order_ms", "orders")
    ]


@lru_cache(maxsize=16_384)
def _rhythm(
    visit: float, visit_spread: float, order: float, order_spread: float, last_order_ms: int, orders: int
) -> Rhythm:
    """A rhythm changes once a session at most, and powers take time: the last ones are kept."""
    expected_ms = expected_order_ms(last_order_ms, (order, order_spread), orders)
    return Rhythm(
        usual_hours((visit, visit_spread)),
        usual_hours((order, order_spread)),
        rfc3339(expected_ms) if expected_ms is not None else None,
    )
