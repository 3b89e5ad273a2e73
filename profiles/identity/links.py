"""What is in force of the links' log: a function of the set of its records, whatever their order."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from liveprofile.profiles.identity.identifier import Identifier
from liveprofile.profiles.identity.record import LINKING, MERGING, LinkRecord

Pair = tuple[Identifier, Identifier]


class Link(NamedTuple):
    """A link in force between two identifiers, the smaller one first."""

    a: Identifier
    b: Identifier
    since_ms: int
    """Event time of the first statement since it was last taken back."""
    source: int
    """Coordinate of that statement."""
    seen_ms: int
    """Event time of the newest statement."""
    by_operator: bool = False
    """Whether an operator is among those who said it."""
    merge: bool = False
    """Whether it joins two known users."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The links and bans in force."""

    links: tuple[Link, ...]
    """Sorted."""
    bans: frozenset[Pair]
    """Pairs that must not be of one person."""


def in_force(records: Iterable[LinkRecord]) -> InForce:
    """The links and bans in force after all records.

    Statements about one pair are ordered by event time, then by source, and the last one decides. So a record that
    comes late, twice or out of order changes nothing. A logout takes no link back: it ends a session.
    """
    by_pair: dict[tuple[Pair, bool], set[LinkRecord]] = {}
    for record in records:
        if record.kind in LINKING or record.kind in MERGING:
            by_pair.setdefault((record.pair, record.kind in MERGING), set()).add(record)
    links, bans = [], set()
    for (pair, _), said in by_pair.items():
        ordered = sorted(said, key=_order)
        if ordered[-1].kind == "never":
            bans.add(pair)
        elif ordered[-1].kind not in ("unlink", "unmerge"):
            links.append(_link(pair, ordered))
    return InForce(tuple(sorted(links)), frozenset(bans))


def _order(record: LinkRecord) -> tuple[int, int, str, str, str]:
    """By time, then source; equal ones by what they say, so that no order of arrival shows."""
    return record.time_ms, record.source, record.kind, record.by, record.reason


def _link(pair: Pair, ordered: list[LinkRecord]) -> Link:
    """The link that the statements since the last one that took it back make."""
    begin = len(ordered)
    while begin and ordered[begin - 1].kind not in ("unlink", "unmerge", "never"):
        begin -= 1
    run = ordered[begin:]
    return Link(
        *pair,
        since_ms=run[0].time_ms,
        source=run[0].source,
        seen_ms=run[-1].time_ms,
        by_operator=any(one.by == "operator" for one in run),
        merge=run[-1].kind == "merge",
    )
