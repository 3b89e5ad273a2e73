"""Links of a made-up shop: a few users and many weaker identifiers, as Hypothesis draws them."""

from collections.abc import Mapping, Sequence

from hypothesis import strategies as st

from liveprofile.profiles.identity.identifier import Identifier
from liveprofile.profiles.identity.links import Link
from liveprofile.profiles.identity.record import By, Kind, LinkRecord


def identifier(kind: str, number: int) -> Identifier:
    """The identifier of a type with a number."""
    return Identifier(kind, f"{number:032x}")


SHOPPERS: Sequence[Identifier] = [
    *(identifier("user", number) for number in range(4)),
    *(identifier("anonymous", number) for number in range(5)),
    *(identifier("email", number) for number in range(2)),
    identifier("device", 0),
]
DAY_MS = 86_400_000

_KINDS: Sequence[Kind] = ("login", "login", "login", "link", "unlink", "logout", "merge", "unmerge", "never")
_BY: Sequence[By] = ("record", "record", "operator")


@st.composite
def link_records(draw: st.DrawFn, most: int = 24) -> list[LinkRecord]:
    """Some records about `SHOPPERS`; several may have one time, but not one source."""
    drawn = st.tuples(
        st.sampled_from(_KINDS),
        st.lists(st.sampled_from(SHOPPERS), min_size=2, max_size=2, unique=True),
        st.integers(0, 5),
        st.sampled_from(_BY),
    )
    return [
        LinkRecord(kind=kind, a=pair[0], b=pair[1], time_ms=day * DAY_MS, source=source, by=by)
        for source, (kind, pair, day, by) in enumerate(draw(st.lists(drawn, max_size=most)))
    ]


def link(a: Identifier, b: Identifier, *, at_ms: int = 0, source: int = 0, merge: bool = False) -> Link:
    """A link of one statement."""
    first, second = sorted((a, b))
    return Link(first, second, since_ms=at_ms, source=source, seen_ms=at_ms, merge=merge)


def groups(anchor: Mapping[Identifier, Identifier]) -> set[frozenset[Identifier]]:
    """Who is together, whoever the anchor is; without those who are alone."""
    found: dict[Identifier, set[Identifier]] = {}
    for one, of in anchor.items():
        found.setdefault(of, set()).add(one)
    return {frozenset(group) for group in found.values() if len(group) > 1}
