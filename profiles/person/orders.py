"""The ledger of a person: the orders of all identifiers, and an order that two of them told counts once in totals."""

from collections import defaultdict
from typing import NamedTuple

import numpy as np

from liveprofile.profiles.kernel.policy import Policy
from liveprofile.profiles.numeric.exact import remaining
from liveprofile.profiles.person.facet import Aligned
from liveprofile.profiles.person.fields import LONG
from liveprofile.profiles.state.ledger import ORDER_LINES, ORDERS
from liveprofile.profiles.state.row import Row

_ORDER = (
    "order_digest",
    "order_placed_ms",
    "order_said_ms",
    "order_total",
    "order_refunded",
    "order_first",
    "order_source",
    "order_refund",
    "order_priced",
    "order_lines",
)
_LINE = ("line_order", "line_item", "line_category", "line_brand", "line_amount", "line_saved", "line_source")


class Told(NamedTuple):
    """An order in a facet's ledger; of two the larger one is in force: the later version, then the larger source."""

    said_ms: int
    source: int
    facet: int
    place: int


def compose_orders(out: Row, ledger: Row, of: Aligned, policy: Policy) -> None:
    """Set the ledger, and take what was told twice out of the totals of `out`, which are sums so far.

    Interests and counts of actions keep both: an order is in them as an action of each identifier. What is refunded of
    an order is what the identifier says that knows of most.
    """
    orders: dict[int, list[Told]] = defaultdict(list)
    for at, facet in enumerate(of.facets):
        for place in np.flatnonzero(facet.ledger["order_digest"]):
            one = facet.ledger
            told = Told(int(one["order_said_ms"][place]), int(one["order_source"][place]), at, int(place))
            orders[int(one["order_digest"][place])].append(told)
    for tellings in orders.values():
        if len(tellings) > 1:
            _count_once(out, tellings, of, policy)
    _write(ledger, orders, of)


def _count_once(out: Row, told: list[Told], of: Aligned, policy: Policy) -> None:
    """Take all but one of the tellings of an order out of the totals."""
    ledgers = [(of.facets[one.facet].ledger, one.place) for one in told]
    totals = [int(one["order_total"][place]) for one, place in ledgers]
    refunded = [int(one["order_refunded"][place]) for one, place in ledgers]
    placed_ms = min(int(one["order_placed_ms"][place]) for one, place in ledgers)
    total, back = _in_force(told, of, "order_total"), max(refunded)
    out["orders"] -= min(int(out["orders"]), len(told) - 1)
    priced = sum(one > 0 for one in totals)
    out["orders_priced"] -= min(int(out["orders_priced"]), max(priced - 1, 0))
    out["spent"] = max(int(out["spent"]) - (sum(totals) - total), 0)
    out["refunded"] = max(int(out["refunded"]) - (sum(refunded) - back), 0)
    left = remaining(of.seen_ms - placed_ms, policy.rules.decay_half_life_s[LONG])
    twice = sum(totals) - sum(refunded) - (total - back)
    out["spend_recent"] = max(float(out["spend_recent"]) - twice * left, 0.0)


def _in_force(told: list[Told], of: Aligned, name: str) -> int:
    """A number of an order by the newest version that knows it: what a version does not say stays as it was."""
    for one in sorted(told, reverse=True):
        if number := int(of.facets[one.facet].ledger[name][one.place]):
            return number
    return 0


def _write(ledger: Row, orders: dict[int, list[Told]], of: Aligned) -> None:
    """The last orders and lines, oldest first."""
    for name in ledger.dtype.names:
        ledger[name] = 0
    placed = {
        digest: min(int(of.facets[one.facet].ledger["order_placed_ms"][one.place]) for one in told)
        for digest, told in orders.items()
    }
    latest = sorted(orders, key=lambda digest: (placed[digest], digest))[-ORDERS:]
    lines: list[tuple[Row, int]] = []
    for at, digest in enumerate(latest):
        told = orders[digest]
        newest = max(told)
        source = of.facets[newest.facet].ledger
        for name in _ORDER:
            ledger[name][at] = source[name][newest.place]
        ledger["order_placed_ms"][at], ledger["order_total"][at] = placed[digest], _in_force(told, of, "order_total")
        ledger["order_refunded"][at] = max(
            int(of.facets[one.facet].ledger["order_refunded"][one.place]) for one in told
        )
        lines += [(source, int(place)) for place in np.flatnonzero(source["line_order"] == digest)]
    ledger["orders_kept"] = len(latest)
    for at, (source, place) in enumerate(lines[-ORDER_LINES:]):
        for name in _LINE:
            ledger[name][at] = source[name][place]
    ledger["lines_kept"] = len(lines[-ORDER_LINES:])
