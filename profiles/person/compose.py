"""A person as a pure function of the rows of its identifiers: nothing is merged, so taking one out gives all back.

Every identifier keeps a row of its own, which folds its own events, linked or not. `compose` puts rows together: sums
are added, decayed quantities are decayed to the newest row's time first, means are weighted by their decayed mass, and
tables keep the heaviest or the latest of the union. What was said of the person (versions, bands, segments) is the only
state that is its own. See `fields` for each field, and docs/identity.md for what is exact and what is not.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.person.facet import Aligned, Facet, align
from liveprofile.profiles.person.fields import DECAYED, MEANS, OWN, SUMMED, UNITED
from liveprofile.profiles.person.interests import compose_interests
from liveprofile.profiles.person.latest import compose_actions, compose_declared, compose_origins
from liveprofile.profiles.person.orders import compose_orders
from liveprofile.profiles.person.sessions import compose_sessions
from liveprofile.profiles.person.slots import compose_slots, number_slots
from liveprofile.profiles.state.row import LOCATION, SPREAD, Row


class Person(NamedTuple):
    """A composed person, in the form of any profile."""

    row: Row
    ledger: Row


def compose(facets: Iterable[Facet], anchor: str, policy: Policy, own: Row | None = None) -> Person:
    """The person of some identifiers: the same bytes in whatever order they come.

    `anchor` is the key of the facet whose profile id the person has. `own` is the person's last composed row, from
    which it takes what was said of it; None takes the anchor's. A person of one identifier without a history of its
    own is that identifier's row and ledger, byte for byte. Facets without an event, and erased ones, add nothing.
    ValueError for no facets, two of one key, or an anchor that is none of them.
    """
    given = tuple(facets)
    by_key = {facet.key: facet for facet in given}
    if len(by_key) != len(given) or anchor not in by_key:
        raise ValueError(
            f"{len(given)} facets have {len(by_key)} keys, and the anchor is {'one' if anchor in by_key else 'none'} "
            "of them: give each identifier once, and the anchor among them."
        )
    history = by_key[anchor].row if own is None else own
    row, ledger = history.copy(), by_key[anchor].ledger.copy()
    living = tuple(facet for facet in given if facet.row["events"] > 0)
    if len(living) == 1:
        _copy_composed(row, ledger, living[0])
    if len(living) > 1:
        _compose_several(row, ledger, align(living, policy.rules.decay_half_life_s), policy)
    if len(living) > 1 or (living and living[0].row is not history):
        number_slots(row, history, policy)
    return Person(row, ledger)


def _copy_composed(out: Row, ledger: Row, facet: Facet) -> None:
    """Everything but the history as it stands in the only facet."""
    for name in out.dtype.names:
        if name not in OWN:
            out[name] = facet.row[name]
    for name in ledger.dtype.names:
        ledger[name] = facet.ledger[name]


def _compose_several(out: Row, ledger: Row, of: Aligned, policy: Policy) -> None:
    """Everything but the history, from two facets or more."""
    _compose_sums(out, of)
    _compose_times(out, of)
    _compose_usual(out, of)
    compose_interests(out, of)
    compose_slots(out, of, policy)
    compose_sessions(out, of, policy)
    compose_actions(out, of)
    compose_origins(out, of)
    compose_declared(out, of)
    compose_orders(out, ledger, of, policy)


def _compose_sums(out: Row, of: Aligned) -> None:
    """Counts, totals, decayed sums and means; float64 sums in the order of the keys, rounded once."""
    for name in SUMMED:
        most = np.iinfo(out.dtype[name]).max
        out[name] = min(sum(int(row[name]) for row in of.rows), most)
    for name, half_life in DECAYED.items():
        out[name] = sum(
            np.asarray(row[name], float) * keep for row, keep in zip(of.rows, of.keep[:, half_life], strict=True)
        )
    for name, (mass_name, half_life) in MEANS.items():
        masses = np.array([float(row[mass_name]) for row in of.rows]) * of.keep[:, half_life]
        total = masses.sum()
        mean = sum(mass * np.asarray(row[name], float) for mass, row in zip(masses, of.rows, strict=True))
        mean = mean / total if total > 0 else np.zeros(np.shape(mean))
        is_whole = np.issubdtype(out.dtype[name].base, np.integer)
        out[name], out[mass_name] = np.rint(mean) if is_whole else mean, total
    for name in UNITED:
        out[name] = np.bitwise_or.reduce([row[name] for row in of.rows])


def _compose_times(out: Row, of: Aligned) -> None:
    """First and last times, and the topic that the person came by: that of the facet that began first."""
    out["seen_ms"] = of.seen_ms
    out["last_order_ms"] = max(int(row["last_order_ms"]) for row in of.rows)
    out["first_ms"] = min(int(row["first_ms"]) for row in of.rows)
    began = sorted((int(row["first_ms"]), at) for at, row in enumerate(of.rows) if row["entry"] != 0)
    out["entry"] = of.rows[began[0][1]]["entry"] if began else 0


def _compose_usual(out: Row, of: Aligned) -> None:
    """What is usual: locations and spreads weighted by how many numbers they are of. An approximation."""
    known = [(int(row["orders_priced"]), (row["order_location"], row["order_spread"])) for row in of.rows]
    out["order_location"], out["order_spread"] = _weighted(known)
    for name, counted in (("order_gap", "orders"), ("visit_gap", "sessions")):
        out[name] = _weighted([(int(row[counted]) - 1, (row[name][LOCATION], row[name][SPREAD])) for row in of.rows])


def _weighted(known: list[tuple[int, tuple[float, float]]]) -> tuple[float, float]:
    """Location and spread of several by their counts; a spread of 0 is none yet.

    >>> _weighted([(3, (1.0, 0.5)), (1, (5.0, 0.5)), (9, (7.0, 0.0))])
    (2.0, 0.5)
    """
    weights = [(max(count, 1), float(location), float(spread)) for count, (location, spread) in known if spread > 0]
    total = sum(count for count, *_ in weights)
    if not total:
        return 0.0, 0.0
    return (
        sum(count * location for count, location, _ in weights) / total,
        sum(count * spread for count, _, spread in weights) / total,
    )
