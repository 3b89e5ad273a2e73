"""What other rules, or other links, would change: which identifiers would join a person, and which would part."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from liveprofile.profiles.identity.identifier import Identifier
from liveprofile.profiles.identity.resolve import Persons


class Move(NamedTuple):
    """An identifier whose anchor changes."""

    one: Identifier
    before: Identifier
    """Its anchor before: itself if it was free."""
    after: Identifier


@dataclass(frozen=True)
class Preview:
    """The difference between two resolutions, sorted."""

    joins: tuple[Move, ...]
    """Identifiers that come to another person."""
    parts: tuple[Move, ...]
    """Identifiers that leave a person; one that goes on to another one is in both."""
    persons: int
    """Persons with two identifiers or more, after."""
    sizes: Mapping[int, int]
    """How many persons have so many identifiers, after; without persons of one."""
    refused: Mapping[str, int]
    """Refused links by reason, after."""


def preview(before: Persons | None, after: Persons) -> Preview:
    """The difference that doors would be told; None for nobody linked before."""
    was = before.anchor if before else {}
    moves = [
        Move(one, was.get(one, one), after.anchor.get(one, one))
        for one in sorted({*was, *after.anchor})
        if was.get(one, one) != after.anchor.get(one, one)
    ]
    sizes = Counter(Counter(after.anchor.values()).values())
    del sizes[1]
    return Preview(
        joins=tuple(move for move in moves if move.after != move.one),
        parts=tuple(move for move in moves if move.before != move.one),
        persons=sizes.total(),
        sizes=dict(sorted(sizes.items())),
        refused=dict(sorted(Counter(str(one.reason) for one in after.refused).items())),
    )
